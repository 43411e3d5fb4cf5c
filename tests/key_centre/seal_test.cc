// A seal's key in two shares: the device has one, the key centre the other, and together they sign
// what GB/T 38540 has signed with a seal; for an application they sign nothing else.
#include <heqi/x509/certificate.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

#include "joined.h"
#include "tests/sealed.h"

namespace heqi::joined {
namespace {

using base::Bytes;
using base::Code;
using device::LocalRequest;
using device::LocalService;
using device::Sealed;
using device::to_be_sealed;

struct SharedSeal : public ::testing::Test {
  void SetUp() override { ASSERT_OK(house.enrol()); }
  base::Result<Step> seal(const Bytes& octets, std::string_view pin = kRightPin) {
    return house.confirm(house.world.msd->use_local_key({LocalService::seal, {}, octets}), pin);
  }
  x509::Certificate certificate() {
    return must(x509::parse_certificate(house.world.msd->information().certificate));
  }
  base::Status check(const Bytes& octets, const Step& done) {
    HEQI_TRY(const crypto::PublicKey key, certificate().public_key().sm2_key());
    HEQI_TRY(const crypto::Signature value, x509::parse_signature(done.message));
    HEQI_TRY(crypto::verify(key, octets, value));
    return {};
  }
  std::size_t uses() {
    auto database =
        must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
    return must(database->with_snapshot([](sql::Transaction& tx) {
             return tx.query("SELECT counter FROM module_signatures");
           }))
        .size();
  }
  House house;
};

// shows: ZSA37-7.4-g
TEST_F(SharedSeal, IsUsedByDeviceAndKeyCentreTogetherAndEachUseIsOnRecord) {
  const Bytes octets = to_be_sealed();
  const auto asked = house.world.msd->use_local_key({LocalService::seal, {}, octets});
  ASSERT_OK(asked);
  ASSERT_TRUE(asked->display);
  EXPECT_EQ(asked->display->title, "seal: 合契科技有限公司 (11010800000001)");
  EXPECT_EQ(asked->display->digest, crypto::sm3(octets));
  const std::size_t before = uses();
  const auto done = house.confirm(asked);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "local_key");
  EXPECT_OK(check(octets, *done));
  EXPECT_EQ(uses(), before + 1);
  EXPECT_EQ(must(house.sign()).outcome, "signed");  // contracts go on
  EXPECT_OK(check(octets, must(seal(octets))));
}

// shows: ZSA37-7.4-g   mutant: tests/mutants/ZSA37-7.4-g.seals_only
TEST_F(SharedSeal, TheKeySignsNothingElseForAnApplication) {
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::cms_data();
  attributes.message_digest.assign(32, 1);
  attributes.signing_certificate = x509::make_reference(certificate());
  const Bytes contract = must(x509::encode_signed_attributes(attributes));
  x509::CsrBody wish;
  wish.subject = certificate().subject();
  wish.public_key = certificate().public_key();
  const Bytes request = x509::encode_csr_body(wish);
  Bytes longer = to_be_sealed(), cut = to_be_sealed();
  longer.push_back(0);
  cut.pop_back();
  for (const Bytes& other :
       {contract, request, base::to_bytes(certificate().der()), longer, cut, Bytes{},
        base::to_bytes("a text"), to_be_sealed({.version = 1}), to_be_sealed({.version = 5}),
        to_be_sealed({.header_version = 5}), to_be_sealed({.mark = "EX"}),
        to_be_sealed({.name = "two\nlines"}), to_be_sealed({.hash_size = 31}),
        to_be_sealed({.has_time = false}), to_be_sealed({.has_more = true})}) {
    EXPECT_ERROR(house.world.msd->use_local_key({LocalService::seal, {}, other}),
                 Code::unsupported);
    EXPECT_ERROR(house.world.msd->cancel("local-key"), Code::not_found);  // nothing is displayed
  }
  EXPECT_ERROR(house.world.msd->use_local_key({LocalService::seal, "mail", to_be_sealed()}),
               Code::malformed);
}

// Any authority takes the request: the person applies where they like, and both halves signed.
// shows: ZSA37-C-a2   mutant: tests/mutants/ZSA37-C-a2.own_key, ZSA37-C-a2.shown
TEST_F(SharedSeal, TheKeyRequestsACertificateForItselfAndForNoOtherKey) {
  x509::CsrBody wish;
  wish.subject = device::name_of("合契科技有限公司");
  wish.public_key = certificate().public_key();
  const Bytes octets = x509::encode_csr_body(wish);
  const auto request = [&](const Bytes& data) {
    return house.world.msd->use_local_key({LocalService::request, {}, data});
  };
  const auto asked = request(octets);
  ASSERT_OK(asked);
  EXPECT_EQ(asked->display->title, "request: " + wish.subject.text());
  EXPECT_EQ(asked->display->digest, crypto::sm3(octets));
  const std::size_t before = uses();
  const auto wrong = house.confirm(asked, kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->display->tries_left, 2u);
  EXPECT_EQ(uses(), before);
  const auto done = house.confirm(wrong);
  ASSERT_OK(done);
  EXPECT_EQ(uses(), before + 1) << "the key centre made its half";
  const auto signed_request = must(x509::parse_csr(
      x509::assemble_signed(octets, x509::sm2_with_sm3_algorithm(), done->message)));
  EXPECT_OK(x509::verify_possession(signed_request));
  EXPECT_EQ(signed_request.body.subject, wish.subject);

  x509::CsrBody other = wish;
  other.public_key = house.world.application.public_key();
  EXPECT_ERROR(request(x509::encode_csr_body(other)), Code::denied);
  x509::CsrBody more = wish;
  more.extensions = {x509::make_basic_constraints({true, 0})};
  Bytes longer = octets, cut = octets;
  longer.push_back(0);
  cut.pop_back();
  for (const Bytes& refused :
       {x509::encode_csr_body(more), to_be_sealed(), base::to_bytes(certificate().der()),
        base::to_bytes(certificate().tbs()), longer, cut, base::to_bytes("a text")})
    EXPECT_ERROR(request(refused), Code::unsupported);
  EXPECT_ERROR(house.world.msd->use_local_key({LocalService::request, "mail", octets}),
               Code::malformed);
  EXPECT_EQ(uses(), before + 1);
  ASSERT_OK(house.follow(house.world.msd->unbind()));
  EXPECT_ERROR(request(octets), Code::device_state);
}

TEST_F(SharedSeal, AWrongPinIsChargedAndACancelSealsNothing) {
  const std::size_t before = uses();
  const auto wrong = seal(to_be_sealed(), kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->kind, Step::Kind::confirm);
  EXPECT_EQ(wrong->display->tries_left, 2u);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  ASSERT_OK(house.world.msd->cancel("local-key"));
  EXPECT_EQ(uses(), before);
  EXPECT_OK(check(to_be_sealed(), must(seal(to_be_sealed()))));
}

TEST_F(SharedSeal, AfterABreakAnywhereTheNextUseIsMade) {
  for (int lost = 1; lost <= 3; ++lost) {  // resynchronisation, opening, record
    SCOPED_TRACE(lost);
    house.world.restart();
    house.lost = lost;
    EXPECT_FALSE(seal(to_be_sealed()));
    house.lost = 0;
    house.world.restart();
    house.centre.open();
    EXPECT_OK(check(to_be_sealed(), must(seal(to_be_sealed()))));
  }
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
}

TEST_F(SharedSeal, WorksWithRefreshedSharesAndNotAfterTheKeyHasEnded) {
  const x509::Certificate before = certificate();
  ASSERT_OK(house.confirm(house.world.msd->refresh_shares()));
  EXPECT_OK(check(to_be_sealed(), must(seal(to_be_sealed()))));
  EXPECT_EQ(certificate(), before);
  ASSERT_OK(house.follow(house.world.msd->unbind()));
  EXPECT_ERROR(house.world.msd->use_local_key({LocalService::seal, {}, to_be_sealed()}),
               Code::device_state);
}

}  // namespace
}  // namespace heqi::joined
