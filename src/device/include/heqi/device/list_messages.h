// heqi/device/list_messages.h: what an MSD, the mobile signature service and the terminal say to
// each other of a list of documents that a person confirms at once (GB/T 38646 §6.1 g). DER:
// docs/asn1/heqi.asn1. parse_ functions are strict and fail as those of messages.h.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/device/messages.h>

namespace heqi::device {

// Limits; docs/limits.md.
inline constexpr std::size_t kListItemsMax = 32;           // documents of one confirmation
inline constexpr std::size_t kListDataMax = kDataSizeMax;  // octets of all of them together

// SignAnswers are the answers to the requests of a list, each to a transaction of its own.
base::Bytes encode_sign_answers(const std::vector<SignAnswer>& answers);
base::Result<std::vector<SignAnswer>> parse_sign_answers(base::ByteView der);

// SignResult tells what the service made of one answer: nothing where it took it, else why not.
struct SignResult {
  std::string transaction_id;
  std::optional<base::Code> failure;
};
base::Bytes encode_sign_results(const std::vector<SignResult>& results);
base::Result<std::vector<SignResult>> parse_sign_results(base::ByteView der);

}  // namespace heqi::device
