#pragma once

#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <time.h>

// glibc declares it to GNU sources alone.
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

// Typed forms of what the library declares with variable arguments or in macros, so that Swift can call it.

/// Starts a daemon that owns `listener`, polls by epoll and is driven by the caller's own loop (`MHD_run`).
/// A connection on which nothing happens for `idleSeconds` is closed: a client's end that comes together
/// with its last bytes is not noticed otherwise. `cls` goes to all three callbacks. NULL when it could not
/// start.
static inline struct MHD_Daemon *standin_start(
    MHD_socket listener, unsigned int connectionsMax, size_t memoryPerConnection, unsigned int idleSeconds,
    MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection, void *cls) {
  return MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler, cls,
      MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_CONNECTION_LIMIT, connectionsMax,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memoryPerConnection,
      MHD_OPTION_CONNECTION_TIMEOUT, idleSeconds,
      MHD_OPTION_NOTIFY_COMPLETED, completed, cls,
      MHD_OPTION_NOTIFY_CONNECTION, connection, cls,
      // The loop's thread blocks SIGPIPE.
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, (int) 1,
      MHD_OPTION_STRICT_FOR_CLIENT, (int) 1,
      MHD_OPTION_END);
}

/// The daemon's epoll descriptor, which turns readable when there is something to run; -1 when there is none.
static inline int standin_epoll_descriptor(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info == NULL ? -1 : info->epoll_fd;
}

/// The client's address; NULL when it is unknown.
static inline const struct sockaddr *standin_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// A response that frees `bytes` (from malloc) when it is done with.
static inline struct MHD_Response *standin_response(void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, bytes, MHD_RESPMEM_MUST_FREE);
}

/// A request header's value, which lives as long as the request; NULL when it was not sent.
static inline const char *standin_header(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/// The same for an argument of the query.
static inline const char *standin_argument(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

/// Milliseconds within which the daemon is to be run again; -1 when only its sockets matter.
static inline long long standin_timeout(struct MHD_Daemon *daemon) {
  unsigned long long milliseconds = 0;
  return MHD_get_timeout(daemon, &milliseconds) == MHD_YES ? (long long) milliseconds : -1;
}

/// A descriptor that turns readable once `standin_wake` was called; -1 with errno when there is none left.
static inline int standin_wake_descriptor(void) {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void standin_wake(int descriptor) {
  eventfd_write(descriptor, 1);
}

/// Whether a notification says that a connection was opened; else it was closed.
static inline bool standin_is_opening(enum MHD_ConnectionNotificationCode change) {
  return change == MHD_CONNECTION_NOTIFY_STARTED;
}
