/* Makes the worker's requests with libcurl alone, to measure the cost of libcurl: a static C program that requests
   the URLs listed in a file, again from the first after the last, 64 in flight on one HTTP/2 connection, and
   discards the responses.
   Usage: minimal_fetch URLS CERTIFICATE REQUESTS */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT = 64, URLS_MAX = 4096, URL_BYTES_MAX = 256 };

static char urls[URLS_MAX][URL_BYTES_MAX];

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes, (void)context;
  return size * count;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[1], "r");
  int count = 0, failed = 0;
  while (file && count < URLS_MAX && fgets(urls[count], URL_BYTES_MAX, file))
    urls[count][strcspn(urls[count], "\n")] = 0, count++;
  if (!count) return 2;
  int requests = atoi(argv[3]), started = 0, done = 0, running = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer bench");
  headers = curl_slist_append(headers, "Accept: application/json");
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  for (; started < IN_FLIGHT && started < requests; started++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_URL, urls[started % count]);
    curl_multi_add_handle(multi, easy);
  }
  while (done < requests) {
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    int queued;
    while ((message = curl_multi_info_read(multi, &queued))) {
      CURL *easy = message->easy_handle;
      failed += message->data.result != CURLE_OK;
      done++;
      curl_multi_remove_handle(multi, easy);
      if (started < requests) {
        curl_easy_setopt(easy, CURLOPT_URL, urls[started++ % count]);
        curl_multi_add_handle(multi, easy);
      }
    }
    if (done < requests) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  return failed ? 1 : 0;
}
