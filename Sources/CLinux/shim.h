#pragma once

// What Swift's Glibc module leaves out of Linux's own interfaces.
#include <nss.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
