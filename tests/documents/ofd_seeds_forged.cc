#include <algorithm>

#include "../../src/documents/ofd/tests/zip_forger.h"
#include "ofd_seeds.h"

namespace heqi::documents::ofd {
namespace {

using seal::Foreign;
using seal::Layout;

Archive archive_with(std::vector<Lie> entries) {
  Archive out;
  out.entries = std::move(entries);
  return out;
}

Lie entry_of(std::string name, std::string_view content = "<x/>") {
  Lie out;
  out.name = std::move(name), out.content = base::to_bytes(content);
  return out;
}

// ---- packages

void save_names(Seeds& seeds) {
  const std::string names[] = {"",    "/a", "a\\b", "a//b", "../a", "c:a", std::string("a\0b", 3),
                               "\xff"};
  int i = 0;
  for (const std::string& name : names)
    seeds.save("ofd_package", "name_" + std::to_string(i++),
               archive_with({entry_of("a"), entry_of(name)}).write());
  const std::pair<std::string, std::string> pairs[] = {
      {"a/b", "A/B"}, {"a", "a/b"}, {"a/", "a/b"}, {"a/b", "a/b/"}};
  for (const auto& [one, other] : pairs) {
    Archive archive = archive_with({entry_of(one), entry_of(other)});
    for (Lie& lie : archive.entries)
      if (lie.name.ends_with('/')) lie.content.clear();
    seeds.save("ofd_package", "pair_" + std::to_string(i++), archive.write());
  }
}

void put_descriptor(Lie& one, std::uint32_t crc) {
  one.flags = one.local_flags = kFlagUtf8 | kFlagDescriptor;
  one.descriptor = Bytes();
  put32(*one.descriptor, kDescriptorMark), put32(*one.descriptor, crc);
  put32(*one.descriptor, one.content.size()), put32(*one.descriptor, one.content.size());
}

void save_lies(Seeds& seeds) {
  const auto lie = [&](const std::string& name, const std::function<void(Lie&)>& how) {
    Archive archive = archive_with({entry_of("a"), entry_of("b/c")});
    how(archive.entries[1]);
    seeds.save("ofd_package", name, archive.write());
  };
  lie("other_name", [](Lie& one) { one.local_name = "b/d"; });
  lie("other_method", [](Lie& one) { one.local_method = kDeflated; });
  lie("other_size", [](Lie& one) { one.local_size = 8; });
  lie("two_sizes", [](Lie& one) { one.size = one.local_size = 7; });
  lie("other_checksum", [](Lie& one) { one.crc = one.local_crc = 7; });
  lie("encrypted", [](Lie& one) { one.flags = one.local_flags = kFlagUtf8 | kFlagEncrypted; });
  lie("no_method", [](Lie& one) { one.method = 99; });
  lie("no_deflate", [](Lie& one) { one.method = kDeflated; });
  lie("bomb", [](Lie& one) { one.method = kDeflated, one.size = 0x7FFFFFFF; });
  lie("link", [](Lie& one) { one.made_by = 3 << 8, one.attributes = 0xA1FF0000; });
  lie("full_folder", [](Lie& one) { one.name = "b/"; });
  lie("outside", [](Lie& one) { one.same_place_as = 0, one.inside = 0xFFFFFF; });
  lie("shared", [](Lie& one) { one.same_place_as = 0, one.inside = 0; });
  lie("cut_data", [](Lie& one) { one.packed = 0xFFFFFF; });
  lie("descriptor", [](Lie& one) { put_descriptor(one, crc32(one.content)); });
  lie("open_sizes", [](Lie& one) {
    put_descriptor(one, crc32(one.content));
    one.local_crc = 0, one.local_size = 0;
  });
  lie("descriptor_lies", [](Lie& one) { put_descriptor(one, 7); });
  lie("unicode_path", [](Lie& one) {
    put16(one.extra, 0x7075), put16(one.extra, 8), one.extra.push_back(1);
    put32(one.extra, 0), base::append(one.extra, base::bytes_of("b/c"));
  });
  lie("other_path", [](Lie& one) {
    put16(one.extra, 0x7075), put16(one.extra, 6), one.extra.push_back(1);
    put32(one.extra, 0), base::append(one.extra, base::bytes_of("d"));
  });
  lie("cut_field", [](Lie& one) { one.extra = Bytes{0x75, 0x70, 0xFF, 0xFF}; });
  lie("short_field", [](Lie& one) { one.extra = Bytes{0x75, 0x70}; });
  lie("zip64", [](Lie& one) { one.extra = Bytes{1, 0, 0, 0}; });
}

void save_frames(Seeds& seeds) {
  const auto frame = [&](const std::string& name, const std::function<void(Archive&)>& how) {
    Archive archive = archive_with({entry_of("a"), entry_of("b/c")});
    how(archive);
    seeds.save("ofd_package", name, archive.write());
  };
  const Bytes junk(7, 'j');
  Bytes end;
  put32(end, kEndMark), end.resize(kEndSize);
  frame("before", [&](Archive& all) { all.before = junk; });
  frame("after", [&](Archive& all) { all.after = junk; });
  frame("between", [&](Archive& all) { all.between = junk; });
  frame("comment", [&](Archive& all) { all.comment = junk; });
  frame("two_ends", [&](Archive& all) { all.after = end; });
  frame("end_outside", [&](Archive& all) { all.before = end; });
  frame("end_inside", [&](Archive& all) { all.entries[0].content = end; });
  frame("disks", [](Archive& all) { all.disk = 1; });
  frame("more", [](Archive& all) { all.count = 3; });
  frame("fewer", [](Archive& all) { all.count = 1; });
  frame("many", [](Archive& all) { all.count = 0xFFFF; });
  frame("over", [](Archive& all) { all.count = 201; });
  frame("elsewhere", [](Archive& all) { all.directory_offset = 0xFFFFFF; });
  frame("no_header", [](Archive& all) {
    all.entries[0].content[0] = 'P', all.entries[1].same_place_as = 0, all.entries[1].inside = 3;
  });
  seeds.save("ofd_package", "tiny", Bytes(3, 'P'));
  seeds.save("ofd_package", "no_end", Bytes(40, 'P'));
}

// ---- seals

// save_foreign writes a seal and a sealed signature the way that another maker does.
void save_foreign(Seeds& seeds, const std::string& name, const Foreign& foreign,
                  const std::function<Bytes(const Bytes&)>& stamp = {}) {
  const SealingDesk& desk = seeds.desk;
  const Bytes made = foreign.seal(desk.request(), desk.maker);
  seeds.save("seal", name, foreign.sealed(made, {}, desk.alice, stamp));
}

Bytes raw_of(const Bytes& der) {
  return x509::encode_raw_signature(must(x509::parse_signature(der)));
}
Bytes padded_raw(const Bytes& der) {
  Bytes out = raw_of(der);
  out.insert(out.begin(), 0);
  return out;
}
// padded_integers writes each INTEGER with one zero octet too many.
Bytes padded_integers(const Bytes& der) {
  const Bytes raw = raw_of(der);
  Bytes out = {0x30, 72};
  for (std::size_t at : {0U, 32U}) {
    base::append(out, Bytes{2, 34, 0, 0});
    base::append(out, ByteView(raw).subspan(at, 32));
  }
  return out;
}

void save_layouts(Seeds& seeds) {
  using Extensions = Foreign::Extensions;
  const auto token = [](const Bytes&) { return Bytes{0x30, 0}; };
  save_foreign(seeds, "v5", {.layout = Layout::v5});
  save_foreign(seeds, "v5_stamp", {.layout = Layout::v5}, token);
  save_foreign(seeds, "stamp_untagged", {.untagged_stamp = true}, token);
  save_foreign(seeds, "explicit",
               {.extensions = Extensions::explicit_tag, .octets_for_bits = true});
  save_foreign(seeds, "implicit", {.extensions = Extensions::implicit_tag, .other_times = true});
  save_foreign(seeds, "false", {.extensions = Extensions::written_false, .utf8_texts = true});
  save_foreign(seeds, "untagged", {.extensions = Extensions::untagged, .wide = true});
  save_foreign(seeds, "inside", {.certificate_inside = true});
  save_foreign(seeds, "mark", {.mark = "ET"});
  save_foreign(seeds, "version9", {.version = 9});
  save_foreign(seeds, "raw", {.value = raw_of});
  save_foreign(seeds, "raw_padded", {.value = padded_raw});
  save_foreign(seeds, "integers_padded", {.value = padded_integers});
  save_foreign(seeds, "named", {.algorithm = asn1::Oid::of("1.2.156.10197.1.301.1")});
  const std::pair<std::string, std::function<void(asn1::Writer&)>> times[] = {
      {"utc", [](asn1::Writer& out) { out.time(seal::kSealedAt); }},
      {"iso", [](asn1::Writer& out) { out.bit_string(base::bytes_of("2026-06-01T12:00:00.5Z")); }},
      {"words",
       [](asn1::Writer& out) { out.octet_string(base::bytes_of("the first of June 2026")); }},
      {"token",
       [](asn1::Writer& out) {
         out.bit_string(Bytes{0x30, 0});
       }},
      {"time",
       [](asn1::Writer& out) {
         asn1::Writer inner;
         inner.time(seal::kSealedAt);
         out.bit_string(inner.bytes());
       }},
      {"junk", [](asn1::Writer& out) {
         out.bit_string(Bytes{1, 2});
       }}};
  for (const auto& [name, time] : times)
    save_foreign(seeds, "v1_" + name, {.layout = Layout::v1, .time = time});
}

void save_pictures(Seeds& seeds) {
  Bytes bmp(58);
  bmp[0] = 'B', bmp[1] = 'M', bmp[2] = 58, bmp[10] = 54, bmp[18] = 1, bmp[22] = 1, bmp[28] = 24;
  const Bytes jpeg = {0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0,
                      11,   8,    0,    1,    0, 1, 1, 1, 0x11, 0};
  Bytes interlaced = seal::one_pixel();
  interlaced[28] = 1;
  const std::tuple<std::string, std::string, Bytes> pictures[] = {
      {"bmp", "BMP", bmp},
      {"jpeg", "jpg", jpeg},
      {"ofd", "ofd", Bytes{'P', 'K', 3, 4, 0}},
      {"gif", "GIF", Bytes{'G', 'I', 'F'}},
      {"png_broken", "PNG", interlaced},
      {"bmp_none", "bmp", Bytes{'B'}},
      {"jpeg_none", "jpeg", Bytes{0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 1, 1, 1, 1}}};
  for (const auto& [name, type, data] : pictures) {
    seal::SealRequest wish = seeds.desk.request();
    wish.info.picture.type = type, wish.info.picture.data = data;
    seeds.save("seal", "picture_" + name, Foreign().seal(wish, seeds.desk.maker));
  }
  seal::SealRequest digests = seeds.desk.request();
  const crypto::Digest digest = seeds.desk.alice.certificate.fingerprint();
  digests.signers.clear();
  digests.info.signers.digests = {{"SM3", Bytes(digest.begin(), digest.end())}};
  digests.info.extensions = {seal::make_certificate_values(seeds.desk.authority.chain())};
  const Bytes made = seeds.desk.make(digests);
  seeds.save("seal", "digests", seeds.desk.sign(seeds.desk.to_sign(made, {}), seeds.desk.alice));
}

void save_lists(Seeds& seeds) {
  SealingDesk& desk = seeds.desk;
  const auto list_of = [&](const std::vector<seal::SealStatusEntry>& entries) {
    return must(seal::make_status_list(at("2026-05-30T00:00:00Z"), at("2026-06-30T00:00:00Z"),
                                       entries, desk.maker.certificate, *desk.maker.signer));
  };
  const Bytes list =
      list_of({{desk.request().info.id, kSealedAt}, {"2", kSealedAt, seal::SealState::suspended}});
  Bytes pair = desk.make();
  base::append(pair, list);
  seeds.save("seal", "pair", pair);
  seeds.save("seal", "list_empty", list_of({}));
  Bytes twice = list_of({{"1", kSealedAt}, {"2", kSealedAt}});
  const auto place = std::search(twice.begin(), twice.end(),
                                 std::begin("\x16\x01"
                                            "2"),
                                 std::end("\x16\x01"
                                          "2") -
                                     1);
  HEQI_CHECK(place != twice.end());
  place[2] = '1';
  seeds.save("seal", "list_twice", twice);
}

}  // namespace

void forge_packages(Seeds& seeds) {
  save_names(seeds), save_lies(seeds), save_frames(seeds);
}

void forge_seals(Seeds& seeds) {
  save_layouts(seeds), save_pictures(seeds), save_lists(seeds);
}

}  // namespace heqi::documents::ofd
