#pragma once

#include <curl/curl.h>

// Typed wrappers for libcurl's setters and getters, which are variadic, so that Swift cannot call them. Each wrapper
// takes the one C type of its options, so that a value of a wrong type does not compile.

static inline CURLcode curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// libcurl copies the string.
static inline CURLcode curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

// libcurl does not copy the value. The caller keeps it alive until the transfer has ended.
static inline CURLcode curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

// libcurl does not copy the list. The caller keeps it alive until the transfer has ended.
static inline CURLcode curl_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*curl_bytes_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curl_set_write_function(CURL *easy, curl_bytes_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
  return code ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode curl_set_read_function(CURL *easy, curl_bytes_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, function);
  return code ? code : curl_easy_setopt(easy, CURLOPT_READDATA, context);
}

typedef int (*curl_seek_function)(void *context, curl_off_t offset, int origin);

static inline CURLcode curl_set_seek_function(CURL *easy, curl_seek_function function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, function);
  return code ? code : curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
}

static inline CURLcode curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode curl_get_pointer(CURL *easy, CURLINFO info, void **value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

typedef int (*curl_watch_function)(CURL *easy, curl_socket_t socket, int what, void *context, void *assigned);

static inline CURLMcode curl_multi_set_socket_function(CURLM *multi, curl_watch_function function,
                                                       void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
  return code ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

typedef int (*curl_timer_function)(CURLM *multi, long milliseconds, void *context);

static inline CURLMcode curl_multi_set_timer_function(CURLM *multi, curl_timer_function function,
                                                      void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
  return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// Allows only password authentication with a SOCKS5 proxy, because the static libcurl has no GSSAPI.
static inline CURLcode curl_set_plain_socks_auth(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (unsigned long)CURLAUTH_BASIC);
}

// libcurl's versions of itself and of its libraries. It owns the value.
static inline const curl_version_info_data *curl_linked_version_info(void) {
  return curl_version_info(CURLVERSION_NOW);
}
