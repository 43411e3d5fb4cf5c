// curl_handle.h: libcurl's handles with owners, and its errors as ours.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::http {

struct CurlFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlFree>;
using CurlList = std::unique_ptr<curl_slist, CurlFree>;

// make_curl starts libcurl once and makes a handle; null where memory is out.
CurlEasy make_curl();

// set_common_options: no signals, no proxy, no redirects, this time in all.
void set_common_options(CURL* handle, base::Duration timeout);

// trust_pem makes the peer's certificate be checked against pem (empty: the system's).
void trust_pem(CURL* handle, const std::string& pem);

// curl_error maps what libcurl reports; what names the peer.
base::Error curl_error(CURLcode code, const std::string& what);

}  // namespace heqi::http
