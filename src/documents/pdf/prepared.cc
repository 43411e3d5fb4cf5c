// Keeping and finishing a signature: the hole and the runs around it.
#include <heqi/documents/pdf/sign.h>

#include <algorithm>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

#include "form_edit.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

// check_message refuses what is no DER SEQUENCE or does not fit into room octets.
base::Status check_message(base::ByteView message, std::uint64_t room) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(message));
  HEQI_TRY(outer.expect(asn1::kSequence));
  HEQI_TRY(outer.finish());
  if (message.size() > room)
    return fail(Code::limit_exceeded, "a signature of " + std::to_string(message.size()) +
                                          " octets where " + std::to_string(room) +
                                          " were reserved");
  return {};
}

// fill writes message in hexadecimal from begin on, which is the octet after '<'.
void fill(base::Bytes& octets, std::uint64_t begin, base::ByteView message) {
  auto to = octets.begin() + static_cast<std::ptrdiff_t>(begin);
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t octet : message) {
    *to++ = static_cast<std::uint8_t>(digits[octet >> 4]);
    *to++ = static_cast<std::uint8_t>(digits[octet & 15]);
  }
}

}  // namespace

std::array<std::uint64_t, 4> Appendix::byte_range() const {
  return {0, contents_begin, contents_end, file_size + octets.size() - contents_end};
}

std::array<base::ByteView, 3> Appendix::parts(base::ByteView file) const {
  HEQI_CHECK(file.size() == file_size);
  const base::ByteView own = octets;
  return {file, own.first(contents_begin - file_size), own.subspan(contents_end - file_size)};
}

base::Result<base::Bytes> Appendix::filled(base::ByteView message) const {
  HEQI_CHECK(file_size <= contents_begin && contents_begin + 2 <= contents_end &&
             contents_end <= file_size + octets.size());
  HEQI_TRY(check_message(message, (contents_end - contents_begin - 2) / 2));
  base::Bytes out = octets;
  fill(out, contents_begin + 1 - file_size, message);
  return out;
}

base::Bytes Appendix::encode() const {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& writer) {
    writer.integer(1).utf8_string(field);
    writer.integer(static_cast<std::int64_t>(file_size));
    writer.integer(static_cast<std::int64_t>(contents_begin));
    writer.integer(static_cast<std::int64_t>(contents_end));
    writer.octet_string(octets);
  });
  return out.take();
}

base::Result<Appendix> Appendix::parse(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(encoded));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  if (version != 1)
    return fail(Code::unsupported, "prepared signature of version " + std::to_string(version));
  Appendix out;
  HEQI_TRY(out.field, reader.utf8_string());
  HEQI_TRY(const std::int64_t size, reader.small_integer());
  HEQI_TRY(const std::int64_t begin, reader.small_integer());
  HEQI_TRY(const std::int64_t end, reader.small_integer());
  HEQI_TRY(const base::ByteView octets, reader.octet_string());
  HEQI_TRY(reader.finish());
  const auto total = size + static_cast<std::int64_t>(octets.size());
  if (size < 0 || total < size || begin < size || end < begin + 2 || end > total)
    return fail(Code::malformed, "the hole of the prepared signature is not inside it");
  const base::ByteView hole =
      octets.subspan(static_cast<std::size_t>(begin - size), static_cast<std::size_t>(end - begin));
  const base::ByteView digits = hole.subspan(1, hole.size() - 2);
  if (hole.front() != '<' || hole.back() != '>' ||
      std::any_of(digits.begin(), digits.end(), [](std::uint8_t one) { return one != '0'; }))
    return fail(Code::malformed,
                "the prepared signature has no empty /Contents at the stated place");
  out.octets = base::to_bytes(octets);
  out.file_size = static_cast<std::uint64_t>(size);
  out.contents_begin = static_cast<std::uint64_t>(begin);
  out.contents_end = static_cast<std::uint64_t>(end);
  return out;
}

Prepared::Prepared(base::ByteView before, const Appendix& appendix)
    : file(join(before, appendix.octets)),
      field(appendix.field),
      contents_begin(appendix.contents_begin),
      contents_end(appendix.contents_end) {}

std::array<std::uint64_t, 4> Prepared::byte_range() const {
  return {0, contents_begin, contents_end, file.size() - contents_end};
}

std::array<base::ByteView, 2> Prepared::parts() const {
  const base::ByteView all = file;
  return {all.first(contents_begin), all.subspan(contents_end)};
}

base::Bytes Prepared::content_to_sign() const {
  const auto both = parts();
  return base::concat({both[0], both[1]});
}

base::Bytes Prepared::encode() const {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& writer) {
    writer.integer(1).utf8_string(field);
    writer.integer(static_cast<std::int64_t>(contents_begin));
    writer.integer(static_cast<std::int64_t>(contents_end));
    writer.octet_string(file);
  });
  return out.take();
}

base::Result<Prepared> Prepared::parse(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(encoded));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  if (version != 1)
    return fail(Code::unsupported, "prepared signature of version " + std::to_string(version));
  Prepared prepared;
  HEQI_TRY(prepared.field, reader.utf8_string());
  HEQI_TRY(const std::int64_t begin, reader.small_integer());
  HEQI_TRY(const std::int64_t end, reader.small_integer());
  HEQI_TRY(const base::ByteView file, reader.octet_string());
  HEQI_TRY(reader.finish());
  prepared.file = base::to_bytes(file);
  prepared.contents_begin = static_cast<std::uint64_t>(begin);
  prepared.contents_end = static_cast<std::uint64_t>(end);

  HEQI_TRY(const Document document, Document::parse(prepared.file));
  HEQI_TRY(const auto signatures, find_signatures(document));
  for (const SignatureDictionary& signature : signatures) {
    if (signature.field.name != prepared.field) continue;
    const bool zeros = std::all_of(signature.contents.begin(), signature.contents.end(),
                                   [](std::uint8_t octet) { return octet == 0; });
    const auto range = prepared.byte_range();
    if (signature.container || !zeros || signature.contents.empty() ||
        signature.contents_place.begin != prepared.contents_begin ||
        signature.contents_place.end != prepared.contents_end ||
        !std::equal(range.begin(), range.end(), signature.byte_range.begin(),
                    signature.byte_range.end(), [](std::uint64_t a, std::int64_t b) {
                      return b >= 0 && a == static_cast<std::uint64_t>(b);
                    }))
      break;
    return prepared;
  }
  return fail(Code::malformed, "the prepared file has no empty /Contents at the stated place");
}

base::Result<Prepared> prepare_signature(base::ByteView file, const SignatureRequest& request) {
  HEQI_TRY(const Appendix appendix, append_signature(file, request));
  return Prepared(file, appendix);
}

base::Result<Prepared> prepare_document_time_stamp(base::ByteView file,
                                                   const TimeStampRequest& request) {
  HEQI_TRY(const Appendix appendix, append_document_time_stamp(file, request));
  return Prepared(file, appendix);
}

base::Result<base::Bytes> finish_signature(const Prepared& prepared, base::ByteView cms) {
  HEQI_CHECK(prepared.contents_begin + 2 <= prepared.contents_end &&
             prepared.contents_end <= prepared.file.size());
  HEQI_TRY(check_message(cms, (prepared.contents_end - prepared.contents_begin - 2) / 2));
  base::Bytes file = prepared.file;
  fill(file, prepared.contents_begin + 1, cms);
  return file;
}

}  // namespace heqi::documents::pdf
