#pragma once

// Linux interfaces that Swift's Glibc module does not export.
#include <nss.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
