#include <heqi/services/identity/application.h>

#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;

class ApplicationTest : public IdentityFixture {
 protected:
  ApplicationTest() {
    EXPECT_OK(applications.add("合同平台", "contracts"));
    EXPECT_OK(applications.add_key("contracts", "k1", private_key.public_key().encode()));
  }

  base::FetchRequest plain_request() {
    base::FetchRequest request;
    request.method = "POST";
    request.url = "https://heqi.example.cn/api/v1/sign?wait=3";
    request.body = base::to_bytes("{\"title\":\"x\"}");
    return request;
  }
  base::FetchRequest signed_request() {
    base::FetchRequest request = plain_request();
    EXPECT_OK(sign_request(request, "contracts", "k1", private_key, clock.now(), random));
    return request;
  }
  // arrived is the request as a server reads it.
  static http::Request arrived(const base::FetchRequest& sent) {
    http::Request request;
    request.method = *http::find_method(sent.method);
    EXPECT_OK(http::parse_target(sent.url.substr(sent.url.find('/', 8)), request));
    for (const auto& [name, value] : sent.headers) request.headers.emplace_back(name, value);
    request.body = sent.body;
    return request;
  }
  base::Result<Application> verify(const http::Request& request) {
    HEQI_TRY(const SignedRequest read, read_signed_request(request));
    return applications.verify(read);
  }
  static void set(http::Request& request, std::string_view name, std::string value) {
    for (auto& [key, old] : request.headers)
      if (key == name) old = value;
  }

  Applications applications{*database, clock, random};
  crypto::PrivateKey private_key = *crypto::PrivateKey::generate(random);
};

// shows-part: ECP-ID-6 (symmetric mechanisms)   mutant: tests/mutants/ECP-ID-6.signature
// shows-part: ECP-5.1.3.1-b (application users; users of operating system and database)
TEST_F(ApplicationTest, ASignedRequestPassesAndAChangedOneDoesNot) {
  const http::Request request = arrived(signed_request());
  const auto changed = [&](auto change) {
    http::Request other = request;
    change(other);
    return heqi::testing::is_error(verify(other), Code::unauthenticated);
  };
  EXPECT_TRUE(changed([](http::Request& r) { r.body.back() ^= 1; }));
  EXPECT_TRUE(changed([](http::Request& r) { r.body.clear(); }));
  EXPECT_TRUE(changed([](http::Request& r) { r.method = http::Method::put; }));
  EXPECT_TRUE(changed([](http::Request& r) { r.target = "/api/v1/other?wait=3"; }));
  EXPECT_TRUE(changed([](http::Request& r) { r.target = "/api/v1/sign?wait=4"; }));
  EXPECT_TRUE(changed([](http::Request& r) { r.target = "/api/v1/sign"; }));
  EXPECT_TRUE(changed([](http::Request& r) { set(r, kNonceField, std::string(24, 'A')); }));
  EXPECT_TRUE(changed([&](http::Request& r) {
    set(r, kTimeField, std::to_string(base::micros(clock.now()) / 1'000'000 + 1));
  }));
  EXPECT_TRUE(changed([](http::Request& r) { set(r, kKeyField, "k2"); }));
  EXPECT_TRUE(changed([](http::Request& r) { set(r, kApplicationField, "nobody"); }));
  const auto application = verify(request);
  ASSERT_OK(application);
  EXPECT_EQ(application->id, "contracts");
}

// shows-part: ECP-ID-6 (symmetric mechanisms)   mutant: tests/mutants/ECP-ID-6.replay
TEST_F(ApplicationTest, ARequestPassesOnceHoweverOftenItIsSent) {
  const http::Request request = arrived(signed_request());
  ASSERT_OK(verify(request));
  EXPECT_ERROR(verify(request), Code::identity_replayed);
  // For as long as its time would pass; after that the time refuses it.
  clock.advance(kClockSkew);
  EXPECT_ERROR(verify(request), Code::identity_replayed);
  ASSERT_OK(verify(arrived(signed_request())));  // sweeps what is over
  clock.advance(std::chrono::seconds(1));
  EXPECT_ERROR(verify(request), Code::identity_clock_skew);
}

// shows-part: ECP-ID-6 (symmetric mechanisms)   mutant: tests/mutants/ECP-ID-6.time
TEST_F(ApplicationTest, ARequestOfAnotherTimeIsRefused) {
  const http::Request request = arrived(signed_request());
  clock.advance(kClockSkew + std::chrono::seconds(1));
  EXPECT_ERROR(verify(request), Code::identity_clock_skew);
  clock.advance(-2 * (kClockSkew + std::chrono::seconds(1)));
  EXPECT_ERROR(verify(request), Code::identity_clock_skew);
  clock.advance(std::chrono::seconds(1));
  EXPECT_OK(verify(request));
}

TEST_F(ApplicationTest, AnotherApplicationsKeyDoesNotSignForThisOne) {
  ASSERT_OK(applications.add("银行", "bank"));
  const crypto::PrivateKey other = *crypto::PrivateKey::generate(random);
  ASSERT_OK(applications.add_key("bank", "k1", other.public_key().encode()));
  base::FetchRequest request = plain_request();
  ASSERT_OK(sign_request(request, "contracts", "k1", other, clock.now(), random));
  EXPECT_ERROR(verify(arrived(request)), Code::unauthenticated);
  base::FetchRequest own = plain_request();
  ASSERT_OK(sign_request(own, "bank", "k1", other, clock.now(), random));
  EXPECT_EQ(verify(arrived(own))->id, "bank");
  // One nonce of two applications is two nonces.
  http::Request first = arrived(signed_request());
  EXPECT_OK(verify(first));
}

// shows-part: MSSP-7.1-b2 (its open transactions: mss)
TEST_F(ApplicationTest, ASuspendedApplicationIsRefusedAndOthersAreNot) {
  ASSERT_OK(applications.add("银行", "bank"));
  ASSERT_OK(applications.add_key("bank", "k1", private_key.public_key().encode()));
  ASSERT_OK(applications.set_state("contracts", ApplicationState::suspended));
  EXPECT_ERROR(verify(arrived(signed_request())), Code::denied);
  base::FetchRequest other = plain_request();
  ASSERT_OK(sign_request(other, "bank", "k1", private_key, clock.now(), random));
  EXPECT_OK(verify(arrived(other)));
  ASSERT_OK(applications.set_state("contracts", ApplicationState::active));
  EXPECT_OK(verify(arrived(signed_request())));
}

// shows-part: MSSP-7.1-b3 (its history: mss)
TEST_F(ApplicationTest, ACancelledApplicationsCredentialsDieAtOnceAndForEver) {
  const http::Request before = arrived(signed_request());
  ASSERT_OK(applications.set_state("contracts", ApplicationState::cancelled));
  EXPECT_ERROR(verify(before), Code::unauthenticated);
  EXPECT_ERROR(applications.set_state("contracts", ApplicationState::active), Code::conflict);
  EXPECT_ERROR(applications.add_key("contracts", "k2", private_key.public_key().encode()),
               Code::conflict);
  EXPECT_EQ(applications.get("contracts")->state, ApplicationState::cancelled);
}

TEST_F(ApplicationTest, ARemovedKeySignsNoMore) {
  ASSERT_OK(applications.remove_key("contracts", "k1"));
  EXPECT_ERROR(verify(arrived(signed_request())), Code::unauthenticated);
  EXPECT_ERROR(applications.remove_key("contracts", "k1"), Code::not_found);
}

TEST_F(ApplicationTest, BrokenFieldsAreRefused) {
  const http::Request request = arrived(signed_request());
  for (std::string_view name :
       {kApplicationField, kKeyField, kTimeField, kNonceField, kSignatureField}) {
    http::Request without = request;
    std::erase_if(without.headers, [&](const auto& field) { return field.first == name; });
    EXPECT_ERROR(read_signed_request(without), Code::unauthenticated) << name;
    http::Request twice = request;
    twice.headers.emplace_back(name, *request.header(name));
    EXPECT_ERROR(read_signed_request(twice), Code::unauthenticated) << name;
    for (const char* bad : {"", " ", "x\ny", "\"", "AAAA!"}) {
      http::Request broken = request;
      set(broken, name, bad);
      EXPECT_ERROR(read_signed_request(broken), Code::unauthenticated) << name << " " << bad;
    }
  }
  http::Request zero = request;
  set(zero, kSignatureField, base::to_base64(base::Bytes(64, 0)));
  EXPECT_ERROR(read_signed_request(zero), Code::unauthenticated);
  http::Request short_nonce = request;
  set(short_nonce, kNonceField, std::string(15, 'A'));
  EXPECT_ERROR(read_signed_request(short_nonce), Code::unauthenticated);
  http::Request far = request;
  set(far, kTimeField, "999999999999");
  EXPECT_ERROR(verify(far), Code::identity_clock_skew);
}

TEST_F(ApplicationTest, RegistrationIsChecked) {
  EXPECT_ERROR(applications.add("x", "contracts"), Code::conflict);
  EXPECT_ERROR(applications.add("x", "Upper"), Code::malformed);
  EXPECT_ERROR(applications.add("", "y"), Code::malformed);
  EXPECT_ERROR(applications.add_key("nobody", "k", private_key.public_key().encode()),
               Code::not_found);
  EXPECT_ERROR(applications.add_key("contracts", "k1", private_key.public_key().encode()),
               Code::conflict);
  EXPECT_ERROR(applications.add_key("contracts", "a b", private_key.public_key().encode()),
               Code::malformed);
  crypto::PointBytes off = private_key.public_key().encode();
  off.back() ^= 1;
  EXPECT_ERROR(applications.add_key("contracts", "k2", off), Code::crypto_not_on_curve);
  for (std::size_t i = 1; i < kKeysPerApplicationMax; ++i)
    ASSERT_OK(applications.add_key("contracts", "n" + std::to_string(i),
                                   private_key.public_key().encode()));
  EXPECT_ERROR(applications.add_key("contracts", "one-more", private_key.public_key().encode()),
               Code::limit_exceeded);
}

TEST_F(ApplicationTest, TheCanonicalTextIsWhatTheHeaderSays) {
  SignedRequest request;
  request.application = "a";
  request.key = "k";
  request.method = "GET";
  request.path = "/p";
  request.query = "x=1";
  request.body_digest = crypto::sm3({});
  request.time = 5;
  request.nonce = "n";
  EXPECT_EQ(canonical_request(request),
            "HEQI-SM2-1\na\nk\nGET\n/p\nx=1\n"
            "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b\n5\nn\n");
}

}  // namespace
}  // namespace heqi::services::identity
