#include <heqi/documents/sign/pending.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>

#include "../../pdf/tests/pdf_text.h"

namespace heqi::documents::sign {
namespace {

using base::Bytes;
using base::Code;
using testing::at;

const base::Time kNow = at("2026-06-01T12:00:00Z");

struct Scene {
  testing::Authority authority;
  testing::Credential alice = authority.make_person("Alice");
  Bytes file = *pdf::prepare_fields(base::to_bytes(pdf::PdfText::one_page().with_table()),
                                    {{"party1", "", {0, 10, 10, 60, 25}}});
  pki::Sm3Digester digests;

  Wish wish() const {
    Wish out;
    out.place.field = "party1";
    out.place.time = kNow;
    out.signer = alice.certificate;
    out.chain = authority.chain();
    return out;
  }
  Pending pending() const {
    auto out = prepare(file, wish(), digests);
    EXPECT_OK(out);
    return *std::move(out);
  }
  Value value(const Pending& of) {
    return {alice.signer->algorithm(), *alice.signer->sign(of.to_sign)};
  }
  pki::Algorithms algorithms() const { return authority.suite().algorithms(); }
};

// shows-part: ECP-DOC-1b (PDF: durable and idempotent)
TEST(Pending, SurvivesBeingKeptAndEveryStepCanBeRepeated) {
  Scene s;
  const Pending first = s.pending();
  const Bytes kept = first.encode();
  EXPECT_EQ(kept, s.pending().encode());
  EXPECT_LT(kept.size(), 80'000u);
  const auto again = Pending::parse(kept);
  ASSERT_OK(again);
  EXPECT_EQ(again->encode(), kept);
  EXPECT_OK(again->check_file(s.file, s.digests));
  const Value value = s.value(*again);
  const Bytes token = s.authority.make_time_stamp(value.octets, kNow);
  const auto done = finish(*again, value, token, s.algorithms());
  ASSERT_OK(done);
  EXPECT_EQ(*done, *finish(first, value, token, s.algorithms()));
  EXPECT_EQ(done->size(), first.appendix.octets.size());
}

// shows-part: ECP-DOC-1b (PDF: the file is the one that was prepared)
TEST(Pending, IsForOneFileOnly) {
  Scene s;
  const Pending pending = s.pending();
  for (const std::size_t octet : {std::size_t{9}, s.file.size() / 2, s.file.size() - 3}) {
    Bytes other = s.file;
    other[octet] ^= 1;
    EXPECT_ERROR(pending.check_file(other, s.digests), Code::conflict) << octet;
  }
  Bytes longer = s.file;
  longer.push_back('\n');
  EXPECT_ERROR(pending.check_file(longer, s.digests), Code::conflict);
  EXPECT_ERROR(pending.check_file({}, s.digests), Code::conflict);
}

// shows-part: ECP-DOC-1b (PDF: no other value gets into the file)
TEST(Pending, RefusesAValueThatIsNotTheSigners) {
  Scene s;
  const Pending pending = s.pending();
  Value value = s.value(pending);
  const testing::Credential bob = s.authority.make_person("Bob");
  const Value of_bob{bob.signer->algorithm(), *bob.signer->sign(pending.to_sign)};
  EXPECT_ERROR(finish(pending, of_bob, {}, s.algorithms()), Code::invalid_signature);
  const Value of_other{s.alice.signer->algorithm(), *s.alice.signer->sign(s.file)};
  EXPECT_ERROR(finish(pending, of_other, {}, s.algorithms()), Code::invalid_signature);
  value.octets.back() ^= 1;
  EXPECT_FALSE(finish(pending, value, {}, s.algorithms()));
  value.octets.clear();
  EXPECT_FALSE(finish(pending, value, {}, s.algorithms()));
}

// shows-part: ECP-DOC-1b (PDF: no other time-stamp gets into the file)
TEST(Pending, RefusesATokenOverSomethingElse) {
  Scene s;
  const Pending pending = s.pending();
  const Value value = s.value(pending);
  const Bytes other = s.authority.make_time_stamp(s.file, kNow);
  EXPECT_ERROR(finish(pending, value, other, s.algorithms()), Code::invalid_signature);
  EXPECT_FALSE(finish(pending, value, value.octets, s.algorithms()));
}

TEST(Pending, RefusesAKeptStateThatIsCutOrChangedInItsFrame) {
  Scene s;
  const Bytes kept = s.pending().encode();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{10}, kept.size() / 2, kept.size() - 1})
    EXPECT_FALSE(Pending::parse(base::ByteView(kept).first(size))) << size;
  Bytes version = kept;
  version[6] = 9;  // SEQUENCE with three octets of length, then INTEGER 1
  EXPECT_FALSE(Pending::parse(version));
}

TEST(Pending, AMessageThatDoesNotFitIsRefusedAndNotCut) {
  Scene s;
  Wish wish = s.wish();
  for (int i = 0; i < 60; ++i)
    wish.chain.push_back(
        s.authority.make_person("A long name to fill the chain " + std::string(200, 'x'))
            .certificate);
  const auto pending = prepare(s.file, wish, s.digests);
  ASSERT_OK(pending);
  EXPECT_ERROR(finish(*pending, s.value(*pending), {}, s.algorithms()), Code::limit_exceeded);
}

TEST(Pending, FieldsAndNamesThatDoNotFitAreRefused) {
  Scene s;
  Wish wish = s.wish();
  wish.place.field = "party2";
  EXPECT_ERROR(prepare(s.file, wish, s.digests), Code::not_found);
  wish = s.wish();
  wish.names = *pdf::find_filter_names("gomain");
  EXPECT_ERROR(prepare(s.file, wish, s.digests), Code::unsupported);
  EXPECT_EQ(pdf::find_filter_names("nobody"), nullptr);
  EXPECT_TRUE(pdf::announces("GM.sm2cms.detached", pdf::Message::gm_signed_data));
  EXPECT_FALSE(pdf::announces("ETSI.CAdES.detached", pdf::Message::gm_signed_data));
}

}  // namespace
}  // namespace heqi::documents::sign
