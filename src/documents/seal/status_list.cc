#include <heqi/documents/seal/status_list.h>

#include <algorithm>
#include <set>

#include <heqi/asn1/writer.h>

#include "reading.h"

namespace heqi::documents::seal {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::int64_t kVersion = 1;

base::Status check_entries(const std::vector<SealStatusEntry>& entries) {
  std::set<std::string_view> ids;
  for (const SealStatusEntry& one : entries)
    if (one.id.empty() || !is_ascii(one.id) || !ids.insert(one.id).second)
      return fail(Code::malformed, "a seal's id that is empty, not ASCII or given twice");
  if (entries.size() > kStatusEntriesMax) return fail(Code::limit_exceeded, "too many seals");
  return {};
}

base::Result<SealStatusEntry> take_entry(Reader& entries) {
  HEQI_TRY(Reader fields, entries.sequence());
  SealStatusEntry one;
  HEQI_TRY(one.id, fields.ia5_string());
  HEQI_TRY(one.since, fields.generalized_time());
  HEQI_TRY(const std::int64_t state, fields.enumerated());
  if (state != 0 && state != 1)
    return fail(Code::malformed, "state " + std::to_string(state) + " of a seal");
  one.state = static_cast<SealState>(state);
  HEQI_TRY(fields.finish());
  return one;
}

base::Status take_info(Reader info, SealStatusList& out) {
  HEQI_TRY(const std::int64_t version, info.small_integer());
  if (version != kVersion)
    return fail(Code::unsupported, "seal status list of version " + std::to_string(version));
  HEQI_TRY(out.this_update, info.generalized_time());
  HEQI_TRY(out.next_update, info.generalized_time());
  HEQI_TRY(Reader entries, info.sequence());
  while (!entries.at_end()) {
    if (out.entries.size() == kStatusEntriesMax)
      return fail(Code::limit_exceeded, "too many seals");
    HEQI_TRY(SealStatusEntry one, take_entry(entries));
    out.entries.push_back(std::move(one));
  }
  HEQI_TRY(check_entries(out.entries));
  return info.finish();
}

}  // namespace

const SealStatusEntry* find_status(const SealStatusList& list, std::string_view id) {
  const auto found = std::find_if(list.entries.begin(), list.entries.end(),
                                  [&](const SealStatusEntry& one) { return one.id == id; });
  return found == list.entries.end() ? nullptr : &*found;
}

base::Result<Bytes> make_status_list(base::Time this_update, base::Time next_update,
                                     const std::vector<SealStatusEntry>& entries,
                                     const x509::Certificate& maker, x509::Signer& signer) {
  HEQI_TRY(check_entries(entries));
  if (next_update < this_update) return fail(Code::malformed, "the list ends before it begins");
  Writer info;
  info.sequence([&](Writer& fields) {
    fields.integer(kVersion).generalized_time(this_update).generalized_time(next_update);
    fields.sequence([&](Writer& list) {
      for (const SealStatusEntry& one : entries)
        list.sequence([&](Writer& entry) {
          entry.ia5_string(one.id).generalized_time(one.since);
          entry.enumerated(static_cast<std::int64_t>(one.state));
        });
    });
  });
  HEQI_TRY(const Bytes signature, signer.sign(info.bytes()));
  Writer out;
  out.sequence([&](Writer& members) {
    members.raw(info.bytes()).octet_string(maker.der());
    members.oid(signer.algorithm().oid).bit_string(signature);
  });
  return out.take();
}

base::Result<SealStatusList> parse_status_list(ByteView der) {
  if (der.size() > kStatusListSizeMax) return fail(Code::limit_exceeded, "seal status list");
  SealStatusList out;
  out.der = base::to_bytes(der);
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader members, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Element info, members.expect(asn1::kSequence));
  out.info_der = base::to_bytes(info.whole);
  HEQI_TRY(const Reader inside, members.enter(info));
  HEQI_TRY(take_info(inside, out));
  HEQI_TRY(const ByteView certificate, members.octet_string());
  out.certificate = base::to_bytes(certificate);
  HEQI_TRY(out.algorithm, members.oid());
  HEQI_TRY(const ByteView signature, members.bit_string());
  out.signature = base::to_bytes(signature);
  HEQI_TRY(members.finish());
  return out;
}

const SealStatusList* newest_list(const std::vector<SealStatusList>& lists, const Seal& seal,
                                  base::Time now) {
  const SealStatusList* out = nullptr;
  for (const SealStatusList& one : lists) {
    if (!base::same_bytes(one.certificate, seal.certificate)) continue;
    const bool later = out != nullptr && one.this_update > out->this_update;
    const bool usable = one.this_update <= now;
    if (out == nullptr || (usable && (later || out->this_update > now))) out = &one;
  }
  return out;
}

base::Status verify_status_list(const SealStatusList& list, const Seal& seal,
                                const pki::Algorithms& algorithms) {
  if (!base::same_bytes(list.certificate, seal.certificate))
    return fail(Code::untrusted, "the list is of another maker than the seal");
  HEQI_TRY(const x509::Certificate maker, x509::parse_certificate(list.certificate));
  return algorithms.signatures.verify({list.algorithm}, maker.public_key(), list.info_der,
                                      list.signature);
}

}  // namespace heqi::documents::seal
