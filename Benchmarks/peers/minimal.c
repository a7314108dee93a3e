/* A minimal Lambda function as a static C program, for the lower bound of the time from exec to the first runtime
   request. It makes that request with the same libcurl as Elenco, and responds to the event with a fixed JSON
   object. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const char *address = getenv("AWS_LAMBDA_RUNTIME_API");
  char next[200], response[200];
  snprintf(next, sizeof next, "http://%s/2018-06-01/runtime/invocation/next", address);
  snprintf(response, sizeof response, "http://%s/2018-06-01/runtime/invocation/bench/response", address);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, next);
  if (curl_easy_perform(easy) != CURLE_OK) return 1;
  curl_easy_setopt(easy, CURLOPT_URL, response);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{\"answer\":true}");
  return curl_easy_perform(easy);
}
