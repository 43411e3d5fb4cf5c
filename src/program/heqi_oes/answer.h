// answer.h: answers in the way of the OES functions: a buffer of the caller, and its length.
#pragma once
#include <functional>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::oes {

// Place is a buffer of the caller. size NULL: the caller does not want this answer; octets NULL: it
// asks for the length.
struct Place {
  unsigned char* octets;
  int* size;
};

// put writes an answer into its place, or its length alone. Fails with limit_exceeded where the
// place is too short; its length is told all the same.
base::Status put(base::ByteView answer, const Place& place);
base::Status put(const std::string& answer, const Place& place);

// octets_of is an argument; malformed for a length below zero, or octets that are NULL.
base::Result<base::Bytes> octets_of(const unsigned char* octets, int size);
base::Result<std::string> text_of(const unsigned char* octets, int size);

// finish_call runs what a function does and gives its number; no exception leaves it. The words for
// the last failure of this thread are kept for explain.
unsigned long finish_call(const std::function<base::Status()>& act);
std::string explain(unsigned long code);

}  // namespace heqi::oes
