// Universal signature forgery and signature wrapping: /ByteRange, /Contents and the gap.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

struct Scene {
  SigningDesk desk;
  Credential alice = desk.authority.make_person("Alice");
  Bytes ready = SigningDesk::with_fields(seed_files()[0], 2);
  Bytes once = desk.sign(ready, "party1", alice);
  pdf::Prepared prepared =
      must(pdf::prepare_signature(ready, SigningDesk::request("party1", kSignedAt)));
  std::string range, contents;  // as they stand in once

  explicit Scene(const testing::Suite& suite) : desk(7, suite) {
    const std::string text = text_of(once);
    const std::size_t at = text.rfind("/ByteRange [");
    range = text.substr(at, text.find(']', at) + 1 - at);
    const std::size_t begin = text.rfind("/Contents <");
    contents = text.substr(begin, text.find('>', begin) + 1 - begin);
  }
  Bytes with_range(const std::string& value) const { return in_place(once, range, value); }
  Bytes with_contents(const std::string& value) const { return in_place(once, contents, value); }
  Bytes insider(std::array<std::uint64_t, 4> stated) {
    return sign_range(desk, prepared, alice, stated);
  }
};

HEQI_WITH_EACH_SUITE(UniversalForgery);
HEQI_WITH_EACH_SUITE(SignatureWrapping);

// shows-part: ECP-DOC-1 (forgeries of the range)
TEST_P(UniversalForgery, EveryOddRangeOrValueIsCaught) {
  Scene scene(suite());
  const Reason dictionary = Reason::dictionary_malformed;
  const Reason range = Reason::byte_range_malformed;
  const std::string zeros(64, '0');
  expect_caught(
      {{"no range", [&] { return scene.with_range("/ByteRangX [0 1 2 3]"); }, dictionary},
       {"null range", [&] { return scene.with_range("/ByteRange null"); }, range},
       {"empty range", [&] { return scene.with_range("/ByteRange []"); }, range},
       {"negative", [&] { return scene.with_range("/ByteRange [0 -1 40 40]"); }, range},
       {"negative first", [&] { return scene.with_range("/ByteRange [-5 10 40 40]"); }, range},
       {"three numbers", [&] { return scene.with_range("/ByteRange [0 10 20]"); }, range},
       {"five numbers", [&] { return scene.with_range("/ByteRange [0 1 2 3 4]"); }, range},
       {"real number", [&] { return scene.with_range("/ByteRange [0 1.5 20 20]"); }, range},
       {"names", [&] { return scene.with_range("/ByteRange [/a /b /c /d]"); }, range},
       {"reference", [&] { return scene.with_range("/ByteRange [0 4 0 R 9 9]"); }, range},
       {"beyond", [&] { return scene.with_range("/ByteRange [0 10 20 99999999]"); }, range},
       {"overflow", [&] { return scene.with_range("/ByteRange [0 9 9223372036854775807 1]"); },
        range},
       {"nothing", [&] { return scene.with_range("/ByteRange [0 0 0 0]"); }, range},
       {"overlap", [&] { return scene.with_range("/ByteRange [0 500 100 500]"); }, range},
       {"empty value", [&] { return scene.with_contents("/Contents <>"); }, dictionary},
       {"null value", [&] { return scene.with_contents("/Contents null"); }, dictionary},
       {"literal", [&] { return scene.with_contents("/Contents (0000)"); }, dictionary},
       {"no value", [&] { return scene.with_contents("/ContentX <30>"); }, dictionary},
       {"reference to it", [&] { return scene.with_contents("/Contents 4 0 R"); }, dictionary},
       {"zeros", [&] { return scene.with_contents("/Contents <" + zeros + ">"); },
        Reason::contents_malformed},
       {"cut", [&] { return scene.with_contents(scene.contents.substr(0, 400) + ">"); },
        Reason::contents_malformed},
       {"more after it",
        [&] {
          std::string longer = scene.contents;
          longer[longer.size() - 3] = '1';
          return scene.with_contents(longer);
        },
        Reason::contents_malformed},
       {"bare numbers", [&] { return scene.with_contents("/Contents <3006020101020101>"); },
        Reason::message_unsupported},
       {"what is no seal", [&] { return scene.with_contents("/Contents <30053003020104>"); },
        Reason::contents_malformed},
       {"other type", [&] { return in_place(scene.once, "/Type /Sig /", "/Type /Foo /"); },
        Reason::dictionary_malformed},
       {"same key twice",
        [&] { return scene.with_range("/ByteRange [0 1 2 3] /ByteRange [0 1 2 3]"); },
        Code::malformed}},
      scene.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(SignatureWrapping, AnInsidersRangeThatLeavesMoreOutIsCaught) {
  Scene scene(suite());
  const auto whole = scene.prepared.byte_range();
  const std::uint64_t end = whole[2] + whole[3];
  expect_caught({{"gap reaches further",
                  [&] {
                    return scene.insider({0, whole[1], whole[2] + 40, whole[3] - 40});
                  },
                  Reason::gap_is_not_contents},
                 {"gap begins earlier",
                  [&] {
                    return scene.insider({0, whole[1] - 300, whole[2], whole[3]});
                  },
                  Reason::gap_is_not_contents},
                 {"gap without the brackets",
                  [&] {
                    return scene.insider({0, whole[1] + 1, whole[2] - 1, whole[3] + 1});
                  },
                  Reason::gap_is_not_contents},
                 {"gap elsewhere",
                  [&] {
                    return scene.insider({0, 100, 200, end - 200});
                  },
                  Reason::gap_is_not_contents},
                 {"does not begin at 0",
                  [&] {
                    return scene.insider({9, whole[1] - 9, whole[2], whole[3]});
                  },
                  Reason::byte_range_malformed},
                 {"leaves the cross-references out",
                  [&] {
                    return scene.insider({0, whole[1], whole[2], 60});
                  },
                  Reason::range_is_no_revision},
                 {"leaves the last line out",
                  [&] {
                    return scene.insider({0, whole[1], whole[2], whole[3] - 8});
                  },
                  Reason::range_is_no_revision},
                 {"leaves one octet of the marker out",
                  [&] {
                    return scene.insider({0, whole[1], whole[2], whole[3] - 2});
                  },
                  Reason::range_is_no_revision},
                 {"octets slipped in after the value",
                  [&] {
                    std::string text = text_of(scene.once);
                    return base::to_bytes(text.insert(whole[2], "/X 1 "));
                  },
                  Code::malformed}},
                scene.desk.options());
}

}  // namespace
}  // namespace heqi::documents::verify
