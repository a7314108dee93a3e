#pragma once

#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <time.h>

// glibc declares ppoll only if _GNU_SOURCE is defined.
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

// Typed wrappers for functions that libmicrohttpd declares as variadic or as macros, which Swift cannot call.

/// Starts a daemon that owns `listener`, uses epoll and is driven by the caller's loop (`MHD_run`).
/// Connections that are idle for `idleSeconds` are closed. Without this limit, the daemon does not notice a client that
/// closes its connection together with its last bytes. All three callbacks receive `cls`.
/// Returns NULL if the daemon could not start.
static inline struct MHD_Daemon *http_server_start(
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
      // The thread that runs the loop blocks SIGPIPE.
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, (int) 1,
      MHD_OPTION_STRICT_FOR_CLIENT, (int) 1,
      MHD_OPTION_END);
}

/// Returns the daemon's epoll descriptor, which becomes readable when `MHD_run` has work to do; -1 if there is none.
static inline int http_server_epoll_descriptor(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info == NULL ? -1 : info->epoll_fd;
}

/// Returns the client's address; NULL if it is unknown.
static inline const struct sockaddr *http_server_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// Creates a response that takes ownership of `bytes` (allocated with malloc) and frees them when it is destroyed.
static inline struct MHD_Response *http_server_response(void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, bytes, MHD_RESPMEM_MUST_FREE);
}

/// Returns the value of a request header, valid during the request; NULL if the client did not send it.
static inline const char *http_server_header(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/// Returns the value of a query parameter, valid during the request; NULL if the client did not send it.
static inline const char *http_server_argument(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

/// Returns the number of milliseconds within which `MHD_run` must be called again; -1 if it can wait for its sockets.
static inline long long http_server_timeout(struct MHD_Daemon *daemon) {
  unsigned long long milliseconds = 0;
  return MHD_get_timeout(daemon, &milliseconds) == MHD_YES ? (long long) milliseconds : -1;
}

/// Creates a descriptor that becomes readable when `http_server_wake` is called on it; -1 and errno on failure.
static inline int http_server_wake_descriptor(void) {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/// Makes a descriptor from `http_server_wake_descriptor` readable. May be called from any thread.
static inline void http_server_wake(int descriptor) {
  eventfd_write(descriptor, 1);
}

/// Makes a descriptor from `http_server_wake_descriptor` unreadable until the next `http_server_wake`.
static inline void http_server_clear(int descriptor) {
  eventfd_t count;
  eventfd_read(descriptor, &count);
}

/// Returns whether a notification reports that a connection was opened; otherwise it was closed.
static inline bool http_server_is_opening(enum MHD_ConnectionNotificationCode change) {
  return change == MHD_CONNECTION_NOTIFY_STARTED;
}
