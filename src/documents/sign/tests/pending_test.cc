#include <heqi/documents/seal/sealed_signature.h>
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
  EXPECT_ERROR(prepare(s.file, wish, s.digests), Code::malformed);  // no seal
  wish.names = *pdf::find_filter_names("adobe");
  wish.seal = base::to_bytes("seal");
  EXPECT_ERROR(prepare(s.file, wish, s.digests), Code::malformed);  // no seal was asked for
  EXPECT_EQ(pdf::find_filter_names("nobody"), nullptr);
  EXPECT_TRUE(pdf::announces("GM.sm2cms.detached", pdf::Message::gm_signed_data));
  EXPECT_FALSE(pdf::announces("ETSI.CAdES.detached", pdf::Message::gm_signed_data));
}

// sealed_wish is Alice's, with a seal that holder may use.
Wish sealed_wish(Scene& s, const testing::Credential& holder, std::size_t picture = 0) {
  Wish wish = s.wish();
  wish.names = *pdf::find_filter_names("gomain");
  seal::SealRequest request;
  request.info.vendor = "Heqi", request.info.id = "1", request.info.name = "章";
  request.info.created = request.info.valid_from = kNow - std::chrono::hours(1);
  request.info.valid_until = kNow + std::chrono::hours(1);
  request.info.picture = {"PNG",
                          testing::hex("89504e470d0a1a0a0000000d494844520000000100000001080600000"
                                       "01f15c4890000000d49444154789c63f8cfc0d00000048101802c55ce"
                                       "b00000000049454e44ae426082"),
                          40, 40};
  request.info.extensions = {
      {asn1::Oid::of("1.3.6.1.4.1.32473.9"), false, Bytes(picture)}};  // as large as a picture
  request.signers = {holder.certificate};
  wish.seal = *seal::make_seal(request, s.alice.certificate, *s.alice.signer);
  return wish;
}

// shows-part: ECP-DOC-1b (a seal in a PDF: durable and idempotent, whatever its size)
TEST(PendingSeal, IsKeptAndFinishedLikeAMessage) {
  Scene s;
  const Wish wish = sealed_wish(s, s.alice, 300'000);
  const auto pending = prepare(s.file, wish, s.digests);
  ASSERT_OK(pending);
  const auto again = Pending::parse(pending->encode());
  ASSERT_OK(again);
  const Value value = s.value(*again);
  const Bytes token = s.authority.make_time_stamp(value.octets, kNow);
  const auto done = finish(*again, value, token, s.algorithms());
  ASSERT_OK(done);
  EXPECT_EQ(*done, *finish(*pending, value, token, s.algorithms()));
  Bytes file = s.file;
  base::append(file, *done);
  const auto document = pdf::Document::parse(file);
  ASSERT_OK(document);
  const auto sealed = seal::parse_sealed_signature((*pdf::find_signatures(*document))[0].contents);
  ASSERT_OK(sealed);
  EXPECT_EQ(sealed->seal.der, wish.seal);
  EXPECT_EQ(sealed->data_hash, pending->content_digest);
  EXPECT_EQ(sealed->time_stamp, token);
  EXPECT_EQ(seal::find_certificate_values(sealed->extensions).size(), wish.chain.size());
}

TEST(PendingSeal, IsRefusedWhereItIsNotTheSignersOrNotInForce) {
  Scene s;
  const testing::Credential bob = s.authority.make_person("Bob");
  EXPECT_ERROR(prepare(s.file, sealed_wish(s, bob), s.digests), Code::seal_unusable);
  Wish late = sealed_wish(s, s.alice);
  late.place.time = kNow + std::chrono::hours(2);
  EXPECT_ERROR(prepare(s.file, late, s.digests), Code::seal_unusable);
  Wish broken = sealed_wish(s, s.alice);
  broken.seal.resize(broken.seal.size() / 2);
  EXPECT_FALSE(prepare(s.file, broken, s.digests).has_value());
  const auto good = prepare(s.file, sealed_wish(s, s.alice), s.digests);
  ASSERT_OK(good);
  Value other{s.alice.signer->algorithm(), *s.alice.signer->sign(base::bytes_of("other"))};
  EXPECT_ERROR(finish(*good, other, {}, s.algorithms()), Code::invalid_signature);
}

}  // namespace
}  // namespace heqi::documents::sign
