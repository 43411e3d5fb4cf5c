// The ACME server against a client that can also lie.
#include <heqi/services/acme/server.h>

#include <gtest/gtest.h>

#include <map>

#include <heqi/asn1/reader.h>
#include <heqi/base/text.h>
#include <heqi/ossl/signer.h>
#include <heqi/services/acme/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::services::acme {
namespace {

using base::Code;

// Key is a P-256 key as a client holds it.
class Key {
 public:
  Key() : pair_(*ossl::parse_private_key_pem(ossl::make_key_pem(ossl::KeyKind::p256)->expose())) {}
  std::string jwk() const {
    const base::Bytes& point = pair_.public_key.key;
    const auto half = [&](std::size_t from) {
      return base::to_base64url(base::ByteView(point).subspan(from, 32));
    };
    return R"({"kty":"EC","crv":"P-256","x":")" + half(1) + R"(","y":")" + half(33) + R"("})";
  }
  // sign gives r || s.
  base::Bytes sign(const std::string& text) const {
    const base::Bytes der = *pair_.signer->sign(base::bytes_of(text));
    asn1::Reader fields = *asn1::Reader::over(der)->sequence();
    base::Bytes out;
    for (int i = 0; i < 2; ++i) {
      const base::ByteView number = *fields.unsigned_integer();
      out.insert(out.end(), 32 - number.size(), 0);
      base::append(out, number);
    }
    return out;
  }
  x509::Signer& signer() const { return *pair_.signer; }
  const x509::PublicKeyInfo& public_key() const { return pair_.public_key; }

 private:
  ossl::KeyPair pair_;
};

// Certifier issues from a key of its own.
class Certifier final : public Issuer {
 public:
  base::Result<Issued> issue(const std::string& order, const std::string&,
                             const std::vector<std::string>& names, base::ByteView der) override {
    HEQI_TRY(const x509::Csr csr, x509::parse_csr(der));
    ++asked;
    certified_names = names;
    HEQI_TRY(const x509::Name name, x509::Name::make({{x509::oids::common_name(), names.front()}}));
    HEQI_TRY(const x509::Certificate made,
             x509::make_certificate({.serial = base::Bytes(16, static_cast<std::uint8_t>(asked)),
                                     .issuer = name,
                                     .not_before = base::Time(std::chrono::hours(24 * 365 * 56)),
                                     .not_after = base::Time(std::chrono::hours(24 * 365 * 57)),
                                     .subject = name,
                                     .public_key = csr.body.public_key,
                                     .extensions = {}},
                                    key_.signer()));
    by_order[order] = made;
    return Issued{made.serial(), x509::to_pem(made)};
  }
  base::Result<std::string> chain_of(base::ByteView serial) override {
    for (const auto& [order, made] : by_order)
      if (base::same_bytes(made.serial(), serial)) return x509::to_pem(made);
    return base::fail(Code::not_found);
  }
  base::Status revoke(base::ByteView, std::int64_t) override {
    ++revoked;
    return {};
  }
  int asked = 0, revoked = 0;
  std::vector<std::string> certified_names;
  std::map<std::string, x509::Certificate> by_order;

 private:
  Key key_;
};

// Web answers the fetches of challenges.
class Web final : public base::Fetch {
 public:
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    const auto found = pages.find(request.url);
    if (found == pages.end()) return base::FetchAnswer{404, "text/plain", {}};
    return base::FetchAnswer{200, "text/plain", base::to_bytes(base::bytes_of(found->second))};
  }
  std::map<std::string, std::string> pages;
};

class Acme : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Database::open({.url = testing::usual_database(folder_.path(), "acme.db")});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    server_.emplace(*database_, certifier_, web_, ServerOptions{.base_url = kBase}, clock_, random_,
                    log_);
  }
  // signed_body is a request; who is "jwk" or the account's URL.
  std::string signed_body(const Key& key, const std::string& who, const std::string& url,
                          const std::string& payload, const std::string& nonce) const {
    const std::string stated = who == "jwk" ? R"("jwk":)" + key.jwk() : R"("kid":")" + who + R"(")";
    const std::string header = base::to_base64url(base::bytes_of(
        R"({"alg":"ES256","nonce":")" + nonce + R"(","url":")" + url + R"(",)" + stated + "}"));
    const std::string body = base::to_base64url(base::bytes_of(payload));
    return R"({"protected":")" + header + R"(","payload":")" + body + R"(","signature":")" +
           base::to_base64url(key.sign(header + "." + body)) + R"("})";
  }
  Answer post(const Key& key, const std::string& who, const std::string& path,
              const std::string& payload) {
    return server_->post(
        path, base::bytes_of(signed_body(key, who, kBase + path, payload, *server_->make_nonce())));
  }
  std::string make_account(const Key& key) {
    return post(key, "jwk", "/new-account", R"({"contact":["mailto:a@example.cn"]})").location;
  }
  static std::string path_of(const std::string& url) { return url.substr(kBase.size()); }
  static std::string text(const Answer& answer, const std::string& name) {
    const auto json = http::parse_json(base::bytes_of(answer.body));
    const http::Json* found = json ? json->find(name) : nullptr;
    return found != nullptr && found->text() != nullptr ? *found->text() : "";
  }
  static std::string kind_of(const Answer& answer) {
    const std::string type = text(answer, "type");
    return type.substr(type.rfind(':') + 1);
  }
  Answer order(const Key& key, const std::string& account, const std::string& name = "a.example") {
    return post(key, account, "/new-order",
                R"({"identifiers":[{"type":"dns","value":")" + name + R"("}]})");
  }
  std::string authorization_of(const Answer& order) const {
    const auto json = *http::parse_json(base::bytes_of(order.body));
    return path_of(*json.find("authorizations")->array()->front().text());
  }
  // answer_challenge puts what the client would put on the web, and tells the server.
  Answer answer_challenge(const Key& key, const std::string& account, const Answer& order,
                          const std::string& name, const std::string& content = "") {
    const Answer shown = post(key, account, authorization_of(order), "");
    const auto json = *http::parse_json(base::bytes_of(shown.body));
    const http::Json& challenge = json.find("challenges")->array()->front();
    const std::string token = *challenge.find("token")->text();
    const std::string thumbprint =
        parse_web_key(*http::parse_json(base::bytes_of(key.jwk())))->thumbprint;
    web_.pages["http://" + name + "/.well-known/acme-challenge/" + token] =
        content.empty() ? token + "." + thumbprint : content;
    return post(key, account, path_of(*challenge.find("url")->text()), "{}");
  }
  std::string csr_payload(const Key& key, const std::vector<std::string>& names) const {
    std::vector<x509::GeneralName> list;
    for (const std::string& name : names) list.push_back(x509::dns_name(name));
    const base::Bytes der =
        *x509::make_csr({.subject = x509::Name(),
                         .public_key = key.public_key(),
                         .extensions = {*x509::make_subject_alternative_names(list)}},
                        key.signer());
    return R"({"csr":")" + base::to_base64url(der) + R"("})";
  }

  static inline const std::string kBase = "https://ca.example/acme";
  testing::TemporaryFolder folder_;
  testing::SeededRandom random_{17};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  std::unique_ptr<sql::Database> database_;
  Certifier certifier_;
  Web web_;
  std::optional<Server> server_;
  Key alice_, mallory_, host_;
};

TEST_F(Acme, AnOrderGoesFromPendingToACertificate) {
  const std::string account = make_account(alice_);
  const Answer made = order(alice_, account);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(text(made, "status"), "pending");
  EXPECT_EQ(text(answer_challenge(alice_, account, made, "a.example"), "status"), "valid");
  EXPECT_EQ(text(post(alice_, account, path_of(made.location), ""), "status"), "ready");
  const std::string finalize = path_of(text(made, "finalize"));
  const Answer done = post(alice_, account, finalize, csr_payload(host_, {"a.example"}));
  EXPECT_EQ(text(done, "status"), "valid") << done.body;
  EXPECT_EQ(certifier_.certified_names, std::vector<std::string>{"a.example"});
  const Answer pem = post(alice_, account, path_of(text(done, "certificate")), "");
  EXPECT_EQ(pem.content_type, "application/pem-certificate-chain");
  EXPECT_EQ(post(alice_, account, finalize, csr_payload(host_, {"a.example"})).status, 200);
  EXPECT_EQ(certifier_.asked, 1) << "an answer that was lost is given again";
}

TEST_F(Acme, TheSameKeyIsTheSameAccount) {
  const std::string first = make_account(alice_);
  EXPECT_EQ(make_account(alice_), first);
  EXPECT_NE(make_account(mallory_), first);
  const Answer known = post(alice_, "jwk", "/new-account", R"({"onlyReturnExisting":true})");
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(kind_of(post(host_, "jwk", "/new-account", R"({"onlyReturnExisting":true})")),
            "accountDoesNotExist");
}

TEST_F(Acme, ANonceWorksOnceAndForAnHour) {
  const std::string nonce = *server_->make_nonce();
  const std::string body = signed_body(alice_, "jwk", kBase + "/new-account", "{}", nonce);
  EXPECT_EQ(server_->post("/new-account", base::bytes_of(body)).status, 201);
  EXPECT_EQ(kind_of(server_->post("/new-account", base::bytes_of(body))), "badNonce");
  const std::string old = *server_->make_nonce();
  clock_.advance(kNonceLifetime + std::chrono::seconds(1));
  const std::string late = signed_body(alice_, "jwk", kBase + "/new-account", "{}", old);
  EXPECT_EQ(kind_of(server_->post("/new-account", base::bytes_of(late))), "badNonce");
  const std::string guessed = signed_body(alice_, "jwk", kBase + "/new-account", "{}", "guess");
  EXPECT_EQ(kind_of(server_->post("/new-account", base::bytes_of(guessed))), "badNonce");
}

TEST_F(Acme, ARequestForAnotherAddressOrWithAnothersKeyIsRefused) {
  const std::string account = make_account(alice_);
  const std::string elsewhere =
      signed_body(alice_, account, kBase + "/revoke-cert", "{}", *server_->make_nonce());
  EXPECT_EQ(kind_of(server_->post("/new-order", base::bytes_of(elsewhere))), "unauthorized");
  EXPECT_EQ(kind_of(order(mallory_, account)), "unauthorized") << "kid of alice, key of mallory";
  EXPECT_EQ(kind_of(order(alice_, kBase + "/account/none")), "accountDoesNotExist");
  EXPECT_EQ(kind_of(order(alice_, "https://other.example/acme/account/x")), "accountDoesNotExist");
  EXPECT_EQ(kind_of(post(alice_, "jwk", "/new-order", "{}")), "malformed");
}

TEST_F(Acme, WhatIsAnothersIsNotFound) {
  const std::string account = make_account(alice_), other = make_account(mallory_);
  const Answer made = order(alice_, account);
  EXPECT_EQ(post(mallory_, other, path_of(made.location), "").status, 404);
  EXPECT_EQ(post(mallory_, other, authorization_of(made), "").status, 404);
  EXPECT_EQ(
      post(mallory_, other, path_of(text(made, "finalize")), csr_payload(host_, {"a.example"}))
          .status,
      404);
}

TEST_F(Acme, AWrongAnswerEndsTheOrder) {
  const std::string account = make_account(alice_);
  const Answer made = order(alice_, account);
  const Answer challenge = answer_challenge(alice_, account, made, "a.example", "something else");
  EXPECT_EQ(text(challenge, "status"), "invalid");
  EXPECT_EQ(text(post(alice_, account, path_of(made.location), ""), "status"), "invalid");
  EXPECT_EQ(text(answer_challenge(alice_, account, made, "a.example"), "status"), "invalid")
      << "one challenge, one look";
  const Answer refused =
      post(alice_, account, path_of(text(made, "finalize")), csr_payload(host_, {"a.example"}));
  EXPECT_EQ(kind_of(refused), "orderNotReady");
  EXPECT_EQ(certifier_.asked, 0);
}

TEST_F(Acme, TheKeyAuthorizationIsOfTheAccount) {
  const std::string account = make_account(alice_);
  const Answer made = order(alice_, account);
  const std::string others =
      parse_web_key(*http::parse_json(base::bytes_of(mallory_.jwk())))->thumbprint;
  const Answer shown = post(alice_, account, authorization_of(made), "");
  const auto json = *http::parse_json(base::bytes_of(shown.body));
  const std::string token = *json.find("challenges")->array()->front().find("token")->text();
  EXPECT_EQ(
      text(answer_challenge(alice_, account, made, "a.example", token + "." + others), "status"),
      "invalid");
}

TEST_F(Acme, OnlyTheNamesOfTheOrderAreCertified) {
  const std::string account = make_account(alice_);
  const Answer made = order(alice_, account);
  answer_challenge(alice_, account, made, "a.example");
  const std::string finalize = path_of(text(made, "finalize"));
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"b.example"}, {"a.example", "b.example"}})
    EXPECT_EQ(kind_of(post(alice_, account, finalize, csr_payload(host_, names))), "badCSR");
  EXPECT_EQ(kind_of(post(alice_, account, finalize, csr_payload(alice_, {"a.example"}))), "badCSR")
      << "the account's own key";
  EXPECT_EQ(kind_of(post(alice_, account, finalize, R"({"csr":"AAAA"})")), "badCSR");
  EXPECT_EQ(certifier_.asked, 0);
}

TEST_F(Acme, EveryNameOfAnOrderIsLookedAt) {
  const std::string account = make_account(alice_);
  const Answer made = post(
      alice_, account, "/new-order",
      R"({"identifiers":[{"type":"dns","value":"a.example"},{"type":"dns","value":"b.example"}]})");
  answer_challenge(alice_, account, made, "a.example");
  EXPECT_EQ(text(post(alice_, account, path_of(made.location), ""), "status"), "pending");
  EXPECT_EQ(kind_of(post(alice_, account, path_of(text(made, "finalize")),
                         csr_payload(host_, {"a.example", "b.example"}))),
            "orderNotReady");
}

TEST_F(Acme, NamesThatAreNotServedAreRefused) {
  const std::string account = make_account(alice_);
  for (const char* name : {"*.a.example", "A.example", "a..example", "-a.example", "a_b.example",
                           "127.0.0.1", "a.example/x", "a.example:80", "localhost:1", ""})
    EXPECT_GE(order(alice_, account, name).status, 400) << name;
  EXPECT_EQ(kind_of(post(alice_, account, "/new-order",
                         R"({"identifiers":[{"type":"ip","value":"10.0.0.1"}]})")),
            "rejectedIdentifier");
  EXPECT_EQ(kind_of(post(alice_, account, "/new-order", R"({"identifiers":[]})")), "malformed");
}

TEST_F(Acme, AnOrderExpires) {
  const std::string account = make_account(alice_);
  const Answer made = order(alice_, account);
  clock_.advance(kOrderLifetime);
  EXPECT_EQ(text(post(alice_, account, path_of(made.location), ""), "status"), "invalid");
}

TEST_F(Acme, RevocationIsForTheAccountOrTheKeyOfTheCertificate) {
  const std::string account = make_account(alice_), other = make_account(mallory_);
  const Answer made = order(alice_, account);
  answer_challenge(alice_, account, made, "a.example");
  post(alice_, account, path_of(text(made, "finalize")), csr_payload(host_, {"a.example"}));
  ASSERT_EQ(certifier_.by_order.size(), 1U);
  const auto payload = [&](base::Bytes der) {
    return R"({"certificate":")" + base::to_base64url(der) + R"(","reason":1})";
  };
  const base::Bytes der = base::to_bytes(certifier_.by_order.begin()->second.der());
  EXPECT_EQ(kind_of(post(mallory_, other, "/revoke-cert", payload(der))), "unauthorized");
  EXPECT_EQ(kind_of(post(mallory_, "jwk", "/revoke-cert", payload(der))), "unauthorized");
  base::Bytes changed = der;
  changed.back() ^= 1;
  EXPECT_EQ(post(host_, "jwk", "/revoke-cert", payload(changed)).status, 404);
  EXPECT_EQ(certifier_.revoked, 0);
  EXPECT_EQ(post(alice_, account, "/revoke-cert", payload(der)).status, 200);
  EXPECT_EQ(post(host_, "jwk", "/revoke-cert", payload(der)).status, 200);
  EXPECT_EQ(certifier_.revoked, 2);
}

TEST_F(Acme, ADeactivatedAccountDoesNothingMore) {
  const std::string account = make_account(alice_), other = make_account(mallory_);
  EXPECT_EQ(kind_of(post(mallory_, other, path_of(account), R"({"status":"deactivated"})")),
            "unauthorized");
  EXPECT_EQ(text(post(alice_, account, path_of(account), R"({"status":"deactivated"})"), "status"),
            "deactivated");
  EXPECT_EQ(kind_of(order(alice_, account)), "unauthorized");
  EXPECT_EQ(kind_of(post(alice_, "jwk", "/new-account", "{}")), "unauthorized");
}

// inner_of is the request inside a key change: by the new key, without a nonce.
std::string inner_of(const Key& fresh, const std::string& url, const std::string& payload,
                     const std::string& more = {}) {
  const std::string header = base::to_base64url(
      base::bytes_of(R"({"alg":"ES256","url":")" + url + R"(","jwk":)" + fresh.jwk() + more + "}"));
  const std::string body = base::to_base64url(base::bytes_of(payload));
  return R"({"protected":")" + header + R"(","payload":")" + body + R"(","signature":")" +
         base::to_base64url(fresh.sign(header + "." + body)) + R"("})";
}

TEST_F(Acme, AnAccountTakesAnotherKey) {
  const Key old, fresh, thief;
  const std::string account = make_account(old), url = kBase + "/key-change";
  const std::string payload = R"({"account":")" + account + R"(","oldKey":)" + old.jwk() + "}";
  const auto change = [&](const Key& by, const std::string& inner) {
    return post(by, account, "/key-change", inner);
  };
  EXPECT_EQ(kind_of(change(thief, inner_of(fresh, url, payload))), "unauthorized");
  EXPECT_EQ(kind_of(change(old, inner_of(fresh, kBase + "/new-order", payload))), "malformed");
  EXPECT_EQ(kind_of(change(old, inner_of(fresh, url, payload, R"(,"nonce":"AAAA")"))), "malformed");
  EXPECT_EQ(kind_of(change(
                old, inner_of(fresh, url,
                              R"({"account":")" + account + R"(","oldKey":)" + thief.jwk() + "}"))),
            "malformed");
  EXPECT_EQ(kind_of(change(old, inner_of(fresh, url,
                                         R"({"account":")" + kBase + R"(/account/x","oldKey":)" +
                                             old.jwk() + "}"))),
            "malformed");
  std::string forged = inner_of(fresh, url, payload);
  forged.replace(forged.find("signature") + 12, 4, "AAAA");
  EXPECT_EQ(kind_of(change(old, forged)), "unauthorized");
  const std::string taken = make_account(thief);
  EXPECT_NE(change(old, inner_of(thief, url, payload)).status, 200);  // another account's key
  EXPECT_EQ(order(old, account).status, 201);

  EXPECT_EQ(change(old, inner_of(fresh, url, payload)).status, 200);
  EXPECT_EQ(kind_of(order(old, account)), "unauthorized");
  EXPECT_EQ(order(fresh, account).status, 201);
  EXPECT_EQ(order(thief, taken).status, 201);
}

TEST_F(Acme, NoncesThatNobodyUsesAreBounded) {
  const std::string first = *server_->make_nonce();
  // As if so many had been asked for.
  EXPECT_OK(database_->with_transaction([&](sql::Transaction& tx) -> base::Status {
    for (std::size_t i = 0; i < kNoncesMax; ++i) {
      HEQI_TRY(tx.execute("INSERT INTO acme_nonces (nonce, expires_at) VALUES (?1, ?2)",
                          "n" + std::to_string(i),
                          clock_.now() + kNonceLifetime + std::chrono::seconds(1)));
    }
    return {};
  }));
  clock_.advance(std::chrono::seconds(2));
  ASSERT_OK(server_->make_nonce());
  const auto open = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT COUNT(*) FROM acme_nonces"); });
  EXPECT_LE(open->int64(0), static_cast<std::int64_t>(kNoncesMax) + 1);
  const Key key;
  const Answer late = server_->post(
      "/new-account", base::bytes_of(signed_body(key, "jwk", kBase + "/new-account", "{}", first)));
  EXPECT_EQ(kind_of(late), "badNonce");
}

}  // namespace
}  // namespace heqi::services::acme
