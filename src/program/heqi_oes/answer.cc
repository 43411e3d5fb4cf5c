#include "answer.h"

#include <algorithm>
#include <climits>
#include <exception>

#include <heqi_oes.h>

namespace heqi::oes {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr unsigned long kFirstError = 0x2000;

// LastFailure is what explain says more than the number.
struct LastFailure {
  unsigned long code = OES_OK;
  std::string words;
};
thread_local LastFailure last_failure;

std::string words_of(Code code, const std::string& detail) {
  const base::ErrorText& text = base::error_text(code);
  std::string out(text.chinese);
  out += " / ";
  out += text.english;
  return detail.empty() ? out : out + " (" + detail + ")";
}

unsigned long failed_by(const base::Error& error) {
  const unsigned long number = error.code == Code::cancelled
                                   ? OES_CANCEL
                                   : kFirstError + static_cast<unsigned long>(error.code);
  last_failure = {number, words_of(error.code, error.detail)};
  return number;
}

}  // namespace

Status put(base::ByteView answer, const Place& place) {
  if (place.size == nullptr) return {};
  if (answer.size() > INT_MAX) return fail(Code::limit_exceeded, "an answer of this size");
  const int room = *place.size;
  *place.size = static_cast<int>(answer.size());
  if (place.octets == nullptr) return {};
  if (room < *place.size) return fail(Code::limit_exceeded, "the buffer is too short");
  std::copy(answer.begin(), answer.end(), place.octets);
  return {};
}

Status put(const std::string& answer, const Place& place) {
  return put(base::bytes_of(answer), place);
}

Result<Bytes> octets_of(const unsigned char* octets, int size) {
  if (size < 0 || (octets == nullptr && size > 0))
    return fail(Code::malformed, "an argument without octets, or of a length below zero");
  return octets == nullptr ? Bytes() : Bytes(octets, octets + size);
}

Result<std::string> text_of(const unsigned char* octets, int size) {
  HEQI_TRY(const Bytes read, octets_of(octets, size));
  std::string text(read.begin(), read.end());
  while (!text.empty() && text.back() == '\0') text.pop_back();  // some readers count it
  return text;
}

unsigned long finish_call(const std::function<Status()>& act) {
  try {
    const Status done = act();
    return done ? OES_OK : failed_by(done.error());
  } catch (const std::exception& thrown) {
    return failed_by(fail(Code::internal, thrown.what()));
  }
}

std::string explain(unsigned long code) {
  if (code == OES_OK) return "OK";
  return code == last_failure.code ? last_failure.words : "未知错误 / an unknown error";
}

}  // namespace heqi::oes
