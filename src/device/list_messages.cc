#include <heqi/device/list_messages.h>

#include <set>

#include <heqi/base/error_id.h>

#include "der.h"

namespace heqi::device {
namespace {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

constexpr std::size_t kAnswersSizeMax = std::size_t{1} << 20, kAnswerSizeMax = 32 * 1024;
constexpr std::size_t kResultsSizeMax = 16 * 1024, kReasonSizeMax = 64;

// read_list reads 1 to kListItemsMax items with read_item, no two of one transaction.
template <class Item, class ReadItem>
Result<std::vector<Item>> read_list(ByteView encoded, std::size_t size_max, ReadItem read_item) {
  HEQI_TRY(Reader in, der::read_message(encoded, size_max));
  HEQI_TRY(Reader list, in.sequence());
  std::vector<Item> items;
  std::set<std::string> ids;
  while (!list.at_end()) {
    if (items.size() == kListItemsMax)
      return der::at(list, Code::limit_exceeded,
                     "more than " + std::to_string(kListItemsMax) + " documents");
    HEQI_TRY(items.emplace_back(), read_item(list));
    if (!ids.insert(items.back().transaction_id).second)
      return der::at(list, Code::malformed, "a transaction twice");
  }
  if (items.empty()) return der::at(list, Code::malformed, "an empty list");
  HEQI_TRY(in.finish());
  return items;
}

Result<SignResult> read_result(Reader& list) {
  HEQI_TRY(Reader in, list.sequence());
  SignResult result;
  HEQI_TRY(result.transaction_id, der::read_text(in, kTransactionIdSizeMax));
  if (result.transaction_id.empty()) return der::at(in, Code::malformed, "an empty id");
  HEQI_TRY(const std::string failure, der::read_text(in, kReasonSizeMax));
  HEQI_TRY(in.finish());
  if (failure.empty()) return result;
  result.failure = base::find_error(failure);
  if (!result.failure) return der::at(list, Code::unsupported, "an unknown error id");
  return result;
}

}  // namespace

Bytes encode_sign_answers(const std::vector<SignAnswer>& answers) {
  return der::message([&](Writer& w) {
    w.sequence([&](Writer& list) {
      for (const SignAnswer& answer : answers) list.octet_string(encode_sign_answer(answer));
    });
  });
}

Result<std::vector<SignAnswer>> parse_sign_answers(ByteView encoded) {
  return read_list<SignAnswer>(encoded, kAnswersSizeMax, [](Reader& list) -> Result<SignAnswer> {
    HEQI_TRY(const Bytes one, der::read_bytes(list, kAnswerSizeMax));
    return parse_sign_answer(one);
  });
}

Bytes encode_sign_results(const std::vector<SignResult>& results) {
  return der::message([&](Writer& w) {
    w.sequence([&](Writer& list) {
      for (const SignResult& result : results)
        list.sequence([&](Writer& one) {
          one.utf8_string(result.transaction_id);
          one.utf8_string(result.failure ? base::error_id(*result.failure) : "");
        });
    });
  });
}

Result<std::vector<SignResult>> parse_sign_results(ByteView encoded) {
  return read_list<SignResult>(encoded, kResultsSizeMax, read_result);
}

}  // namespace heqi::device
