// The moments: each record stamped, of this contract and its parties, and bound to the signed file.
#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/http/json.h>
#include <heqi/pki/tsp.h>

#include "judgement.h"

namespace heqi::documents::evidence {

using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kOperations[] = {"open", "confirm", "sign", "complete"};
constexpr std::size_t kHexSize = 64;

// Record is what was stamped.
struct Record {
  std::string contract, operation, subject;  // subject: SM3, hexadecimal
  std::string earlier;                       // of complete: SM3 over the tokens before
  std::optional<int> party;                  // of the others
  std::int64_t attempt = 0;
  std::string person;
};

Result<Record> parse_record(ByteView text) {
  if (text.size() > kRecordSizeMax) return fail(Code::limit_exceeded, "the size of a record");
  HEQI_TRY(const http::Json json, http::parse_json(text));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  const http::TextLimits digest{.size_min = kHexSize, .size_max = kHexSize};
  Record out;
  HEQI_TRY(out.contract, reader.required_text("contract"));
  HEQI_TRY(out.operation, reader.required_text("operation"));
  if (std::find(std::begin(kOperations), std::end(kOperations), out.operation) ==
      std::end(kOperations))
    return reader.refuse("operation", "is not known");
  HEQI_TRY(out.subject, reader.required_text("subject_sm3", digest));
  if (out.operation == "complete") {
    HEQI_TRY(out.earlier, reader.required_text("moments_sm3", digest));
  } else {
    HEQI_TRY(const std::int64_t party,
             reader.required_integer("party", {.min = 0, .max = kPackagePartiesMax}));
    out.party = static_cast<int>(party);
    HEQI_TRY(out.attempt, reader.required_integer("attempt"));
    HEQI_TRY(out.person, reader.required_text("person"));
  }
  HEQI_TRY(reader.finish());
  return out;
}

// Moments are the records in their order, and what the completion has to say of those before it.
struct Moments {
  std::vector<Record> records;
  crypto::Sm3 tokens;
  bool is_complete = false;
};

std::optional<base::Time> judge_token(Judgement& on, const std::string& name, ByteView record,
                                      ByteView token) {
  pki::TokenCheck check;
  check.trust = &on.check.trust;
  check.path = on.path_options();
  const auto stamped = pki::verify_time_stamp_token(token, record, check, on.check.algorithms);
  if (!stamped) {
    on.find(Fault::moment_invalid, name, stamped.error().detail);
    return std::nullopt;
  }
  if (stamped->path->status != pki::PathStatus::trusted)
    on.find(fault_of(stamped->path->status, Fault::moment_invalid, Fault::moment_untrusted), name,
            stamped->path->reason);
  return stamped->info.time;
}

void judge_place(Judgement& on, const std::string& name, const Record& record) {
  if (record.contract != on.manifest.contract)
    return on.find(Fault::moment_differs, name, "it is of another contract");
  if (!record.party) return;
  const auto& parties = on.manifest.parties;
  const bool known = std::any_of(parties.begin(), parties.end(), [&](const Party& party) {
    return party.position == *record.party && party.person == record.person;
  });
  if (!known) on.find(Fault::moment_differs, name, "it is of nobody who is a party");
}

void judge_completion(Judgement& on, const std::string& name, const Record& record,
                      const Moments& moments) {
  crypto::Sm3 before = moments.tokens;
  if (record.earlier != base::to_hex(before.finish()))
    on.find(Fault::moment_differs, name, "the moments before it are not those that it names");
  const Result<ByteView> document = on.package.read(kDocumentName);
  if (!document || record.subject != base::to_hex(crypto::sm3(*document)))
    on.find(Fault::moment_differs, name, "what was completed is another file");
}

// judge_moment takes the two entries of one moment.
void judge_moment(Judgement& on, const std::string& name, Moments& moments) {
  const std::string token_name = name.substr(0, name.size() - 4) + "tst";
  const Result<ByteView> text = on.package.read(name), token = on.package.read(token_name);
  if (!text || !token) return on.find(Fault::entry_missing, token_name, "");
  const Result<Record> record = parse_record(*text);
  if (!record) return on.find(Fault::entry_unreadable, name, record.error().detail);
  if (moments.is_complete)
    return on.find(Fault::moment_differs, name, "it comes after the completion");
  const auto time = judge_token(on, token_name, *text, *token);
  judge_place(on, name, *record);
  if (record->operation == "complete") {
    judge_completion(on, name, *record, moments);
    moments.is_complete = true;
  }
  moments.tokens.update(*token);
  moments.records.push_back(*record);
  if (time) on.report.moments.push_back({record->operation, record->person, record->party, *time});
}

bool has(const Moments& moments, std::string_view operation, const Party& party,
         std::int64_t attempt, const std::string& subject) {
  return std::any_of(moments.records.begin(), moments.records.end(), [&](const Record& one) {
    return one.operation == operation && one.party == party.position && one.attempt == attempt &&
           one.subject == subject;
  });
}

// judge_signing: the signature in the party's field is the one that was confirmed and made then.
void judge_signing(Judgement& on, const Moments& moments, const Party& party) {
  for (const verify::SignatureReport& one : on.report.document->signatures) {
    if (one.field != party.field) continue;
    const std::string value = base::to_hex(crypto::sm3(one.signature_value));
    for (const Record& record : moments.records)
      if (record.operation == "sign" && has(moments, "sign", party, record.attempt, value) &&
          has(moments, "confirm", party, record.attempt, one.signed_digest))
        return;
  }
  on.find(Fault::moment_missing, kMomentsFolder,
          "when " + party.person + " confirmed and signed is not told");
}

}  // namespace

void judge_moments(Judgement& on) {
  if (!on.report.document) return;
  Moments moments;
  std::size_t count = 0;
  for (const ListedEntry& one : on.manifest.entries) {
    if (!one.name.starts_with(kMomentsFolder) || !one.name.ends_with(".json")) continue;
    if (++count > kMomentsMax) return on.find(Fault::moment_differs, one.name, "too many moments");
    judge_moment(on, one.name, moments);
  }
  if (!moments.is_complete)
    on.find(Fault::moment_missing, kMomentsFolder, "when the contract was completed is not told");
  for (const Party& party : on.manifest.parties) judge_signing(on, moments, party);
}

}  // namespace heqi::documents::evidence
