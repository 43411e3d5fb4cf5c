// Attacks on the package: whatever two readers could take differently is no document at all.
#include "zip_forger.h"

namespace heqi::documents::ofd {
namespace {

constexpr std::string_view kPage = "Doc_0/Pages/Page_0/Content.xml";

Lie& entry(Archive& archive, std::string_view name) {
  for (Lie& one : archive.entries)
    if (one.name == name) return one;
  HEQI_CHECK(false);
}

Bytes forged(const Bytes& file, const std::function<void(Archive&)>& how) {
  Archive archive = archive_of(file);
  how(archive);
  return archive.write();
}

Lie another(std::string name, std::string_view content = "<other/>") {
  Lie out;
  out.name = std::move(name), out.content = base::to_bytes(content);
  return out;
}

std::vector<Attack> names(const Bytes& file) {
  std::vector<Attack> out;
  const auto add = [&](const std::string& title, const std::string& name) {
    out.push_back({title,
                   [=] {
                     return forged(
                         file, [&](Archive& archive) { archive.entries.push_back(another(name)); });
                   },
                   Code::malformed});
  };
  add("the same name twice", std::string(kPage));
  add("the same name in other case", "doc_0/pages/page_0/content.XML");
  add("a name through ..", "Doc_0/Pages/../Pages/Page_0/Content.xml");
  add("a name through .", "Doc_0/./Document.xml");
  add("an absolute name", "/OFD.xml");
  add("a name with a backslash", "Doc_0\\Document.xml");
  add("a name with a double slash", "Doc_0//Document.xml");
  add("a name with a drive", "C:OFD.xml");
  add("a name with a zero octet", std::string("OFD.xml\0.png", 12));
  add("a name without octets", "");
  add("a name that is not UTF-8", "Doc_0/\xff.xml");
  add("a file in the place of a folder", "Doc_0/Pages");
  add("a file below a file", std::string(kPage) + "/x");
  add("a folder named as a file", std::string(kPage) + "/");
  return out;
}

std::vector<Attack> headers(const Bytes& file) {
  std::vector<Attack> out;
  const auto lie = [&](const std::string& title, const std::function<void(Lie&)>& how,
                       Code code = Code::malformed) {
    out.push_back(
        {title, [=] { return forged(file, [&](Archive& all) { how(entry(all, kPage)); }); }, code});
  };
  const auto digest_of_other = crc32(base::bytes_of("<other/>"));
  lie("local header with another name", [](Lie& one) { one.local_name = "Doc_0/Other.xml"; });
  lie("local header with another method", [](Lie& one) { one.local_method = kDeflated; });
  lie("local header with another checksum", [=](Lie& one) { one.local_crc = digest_of_other; });
  lie("local header with another size", [](Lie& one) { one.local_size = 8; });
  lie("local header with other flags", [](Lie& one) { one.local_flags = kFlagEncrypted; });
  lie("directory with another checksum",
      [=](Lie& one) { one.crc = one.local_crc = digest_of_other; });
  lie("stored in two sizes", [](Lie& one) { one.size = 7; });
  lie(
      "encrypted", [](Lie& one) { one.flags = one.local_flags = kFlagUtf8 | kFlagEncrypted; },
      Code::unsupported);
  lie(
      "a method nobody has", [](Lie& one) { one.method = 99; }, Code::unsupported);
  lie("deflate that is none", [](Lie& one) { one.method = kDeflated; });
  lie(
      "a bomb", [](Lie& one) { one.method = kDeflated, one.size = 0x7FFFFFFF; },
      Code::limit_exceeded);
  lie("a symbolic link", [](Lie& one) { one.made_by = 3 << 8, one.attributes = 0xA1FF0000; });
  lie("a descriptor that contradicts", [](Lie& one) {
    one.flags = one.local_flags = kFlagUtf8 | kFlagDescriptor;
    one.descriptor = Bytes(12, 1);
  });
  lie("a descriptor with another checksum alone", [](Lie& one) {
    one.flags = one.local_flags = kFlagUtf8 | kFlagDescriptor;
    one.descriptor = Bytes();
    put32(*one.descriptor, kDescriptorMark), put32(*one.descriptor, crc32(one.content) ^ 1);
    put32(*one.descriptor, one.content.size()), put32(*one.descriptor, one.content.size());
  });
  lie("another name in an extra field", [](Lie& one) {
    put16(one.extra, 0x7075), put16(one.extra, 13), one.extra.push_back(1);
    put32(one.extra, crc32(base::bytes_of(one.name)));
    base::append(one.extra, base::bytes_of("Evil.xml"));
  });
  lie("an extra field that is cut", [](Lie& one) { one.extra = Bytes{0x75, 0x70, 0xFF, 0xFF}; });
  lie(
      "ZIP64",
      [](Lie& one) {
        one.extra = Bytes{1, 0, 0, 0};
      },
      Code::unsupported);
  return out;
}

std::vector<Attack> frames(const Bytes& file) {
  std::vector<Attack> out;
  const auto frame = [&](const std::string& title, const std::function<void(Archive&)>& how,
                         std::variant<Reason, Code> caught = Code::malformed) {
    out.push_back({title, [=] { return forged(file, how); }, caught});
  };
  const Bytes junk = base::to_bytes("junk that is no entry");
  frame(
      "octets before the package", [=](Archive& all) { all.before = junk; },
      Reason::package_octets_outside);
  frame(
      "octets after the package", [=](Archive& all) { all.after = junk; },
      Reason::package_octets_outside);
  frame(
      "octets between entries", [=](Archive& all) { all.entries[1].before = junk; },
      Reason::package_octets_outside);
  frame(
      "octets before the directory", [=](Archive& all) { all.between = junk; },
      Reason::package_octets_outside);
  frame(
      "a comment at the end", [=](Archive& all) { all.comment = junk; },
      Reason::package_octets_outside);
  frame("a second package behind", [=](Archive& all) { all.after = contract(1); });
  frame("an end inside the comment", [=](Archive& all) {
    all.comment = Bytes{'P', 'K', 5, 6};
    all.comment.resize(40);
  });
  frame("an end in an entry that reaches to the end of the file", [](Archive& all) {
    Bytes fake;
    put32(fake, kEndMark);
    fake.resize(kEndSize);
    all.entries.push_back(another("Doc_0/x.bin"));
    all.entries.back().content = fake;
    const std::size_t size = all.write().size();
    const Bytes written = all.write();
    const auto at = static_cast<std::size_t>(
        std::search(written.begin(), written.end(), fake.begin(), fake.end()) - written.begin());
    fake[20] = static_cast<std::uint8_t>((size - at - kEndSize) & 0xFF);
    fake[21] = static_cast<std::uint8_t>((size - at - kEndSize) >> 8);
    all.entries.back().content = fake;
  });
  frame("two entries in one place", [](Archive& all) {
    Lie alias = all.entries[2];
    alias.same_place_as = 2;
    all.entries.push_back(alias);
  });
  frame("an entry inside another one", [](Archive& all) {
    Lie inner = another("Doc_0/inner.xml");
    Archive alone;
    alone.entries = {inner};
    Lie outer = another("Doc_0/outer.bin");
    outer.content = alone.write();
    outer.content.resize(kLocalSize + inner.name.size() + inner.content.size() + 9);
    inner.same_place_as = all.entries.size();
    inner.inside = kLocalSize + outer.name.size();
    all.entries.push_back(outer);
    all.entries.push_back(inner);
  });
  frame("fewer entries than stated", [](Archive& all) { all.count = 999; });
  frame("more entries than stated", [](Archive& all) { all.count = 3; });
  frame(
      "several disks", [](Archive& all) { all.disk = 1; }, Code::unsupported);
  frame("a directory elsewhere", [](Archive& all) { all.directory_offset = 0x7FFFFFFF; });
  frame("a directory longer than the file", [](Archive& all) { all.directory_size = 0x7FFFFFFF; });
  return out;
}

// shows: ECP-DOC-2   mutant: tests/mutants/ECP-DOC-2.local_name
TEST(PackageAttack, IsNeverADocument) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  EXPECT_EQ(desk.verify(archive_of(file).write()).verdict, Verdict::valid);
  expect_caught(names(file), desk.options());
  expect_caught(headers(file), desk.options());
  expect_caught(frames(file), desk.options());
}

TEST(PackageAttack, OfManyOrLargeEntriesMeetsALimit) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  VerifyOptions options = desk.options();
  options.limits.entries = 3;
  EXPECT_ERROR(verify_ofd(file, options), Code::limit_exceeded);
  options = desk.options(), options.limits.unpacked_total = 1000;
  EXPECT_ERROR(verify_ofd(file, options), Code::limit_exceeded);
  options = desk.options(), options.limits.unpacked_entry = 100;
  EXPECT_ERROR(verify_ofd(file, options), Code::limit_exceeded);
  options = desk.options(), options.limits.xml_nodes = 5;
  EXPECT_ERROR(verify_ofd(file, options), Code::limit_exceeded);
}

// shows-part: ECP-DOC-6 (the signatures in them: seal_attack_test.cc; PDF)
TEST(PackageAttack, PackagesOfOtherMakersAreRead) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  const auto verdict = [&](const std::function<void(Lie&)>& how) {
    return desk.verify(forged(file, [&](Archive& all) { how(entry(all, kPage)); })).verdict;
  };
  EXPECT_EQ(verdict([](Lie& one) { one.flags = 0; }), Verdict::valid);
  EXPECT_EQ(verdict([](Lie& one) { one.local_flags = kFlagUtf8 | 2; }), Verdict::valid);
  const auto described = [](Lie& one) {
    one.flags = one.local_flags = kFlagUtf8 | kFlagDescriptor;
    one.local_crc = 0, one.local_size = 0;
    one.descriptor = Bytes();
    put32(*one.descriptor, kDescriptorMark), put32(*one.descriptor, crc32(one.content));
    put32(*one.descriptor, one.content.size()), put32(*one.descriptor, one.content.size());
  };
  EXPECT_EQ(verdict(described), Verdict::valid);
  const auto long_form = [](Lie& one) {
    one.local_size = 0xFFFFFFFF;
    put16(one.local_extra, 1), put16(one.local_extra, 16);
    put32(one.local_extra, one.content.size()), put32(one.local_extra, 0);
    put32(one.local_extra, one.content.size()), put32(one.local_extra, 0);
  };
  EXPECT_EQ(verdict(long_form), Verdict::valid);
  EXPECT_ERROR(verify_ofd(forged(file,
                                 [&](Archive& all) {
                                   long_form(entry(all, kPage));
                                   entry(all, kPage).local_extra[4] ^= 1;
                                 }),
                          desk.options()),
               Code::malformed);
}

TEST(PackageAttack, APackageInsideAnEntryIsNone) {
  SealingDesk desk;
  const Bytes file = desk.sealed(with(contract(1), {{"Doc_0/Res/inner.ofd", contract(1)}}));
  EXPECT_EQ(desk.verify(file).verdict, Verdict::valid) << words(desk.verify(file));
}

TEST(PackageAttack, CutAnywhereIsNeverRead) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract(1));
  for (std::size_t size = 0; size < file.size(); size += 101)
    EXPECT_FALSE(verify_ofd(ByteView(file).first(size), desk.options()).has_value()) << size;
}

// shows: ECP-DOC-2
TEST(PackageAttack, OnAnyOctetIsNoticed) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract(1));
  const std::string json = part(file, "Doc_0/Signs/Signatures.xml");
  std::size_t tried = 0;
  for (std::size_t i = 0; i < file.size(); i += 13) {
    Bytes changed = file;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto report = verify_ofd(changed, desk.options());
    if (!report || report->verdict > Verdict::valid_with_notes) {
      ++tried;
      continue;
    }
    // What may differ unseen: numbers in ZIP headers that no reader of documents looks at.
    EXPECT_EQ(parts_of(changed).size(), parts_of(file).size()) << i;
    for (const NewEntry& one : parts_of(file))
      EXPECT_EQ(part(changed, one.name), base::text_of(one.content)) << i;
  }
  EXPECT_GT(tried, file.size() / 13 * 8 / 10);
}

}  // namespace
}  // namespace heqi::documents::ofd
