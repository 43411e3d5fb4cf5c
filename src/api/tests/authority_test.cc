// The desk of the certificate authority: who may do what, and what it does.
#include "api_fixture.h"

#include <heqi/pki/certificate_response.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/enveloped_key.h>
#include <heqi/x509/oids.h>

namespace heqi::api {
namespace {

using services::identity::Role;

constexpr const char* kRoot = "/api/v1/ca/";

struct AuthorityDesk : Api {
  std::string admin = administrator();
  std::string clerk = signed_in("clerk@example.cn", Role::operator_of_desk);
  std::string officer = signed_in("officer@example.cn", Role::operator_of_desk);
  std::string auditor = signed_in("auditor@example.cn", Role::auditor);
  std::string outsider = member();
  crypto::PrivateKey key = must(crypto::PrivateKey::generate(house.random));

  std::string signed_in(const std::string& email, Role role) {
    add_user(email, role);
    return sign_in(email);
  }
  Response post(const std::string& path, const std::string& body, const std::string& token) {
    return ask(Method::post, kRoot + path, body, token);
  }
  Response get(const std::string& path, const std::string& token) {
    return ask(Method::get, kRoot + path, {}, token);
  }
  std::string apply(const std::string& id, const std::string& profile = "person") {
    return text_at(post("applications",
                        R"({"id":")" + id + R"(","profile":")" + profile + R"(","holder":"h-)" +
                            id + R"(","subject":{"common_name":"meter"}})",
                        clerk),
                   "state");
  }
  std::string csr(const crypto::PrivateKey& of) {
    x509::SoftwareSm2Signer signer(of.clone(), house.random);
    const x509::Name name = must(
        x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), "meter"}}));
    return base::to_base64(
        must(x509::make_csr({.subject = name,
                             .public_key = x509::make_public_key_info(of.public_key()),
                             .extensions = {}},
                            signer)));
  }
  // enrol asks over EST, as the holder does.
  Response enrol(const std::string& id, const std::string& code, const crypto::PrivateKey& of) {
    Request request = make(Method::post, "/.well-known/est/simpleenroll", csr(of));
    request.headers = {
        {"content-type", "application/pkcs10"},
        {"authorization", "Basic " + base::to_base64(base::bytes_of(id + ":" + code))}};
    return answer(std::move(request));
  }
  // certify takes an application through review and EST, and gives the serial number.
  std::string certify(const std::string& id, const crypto::PrivateKey& of) {
    if (apply(id) != "approved") {
      EXPECT_EQ(post("applications/" + id + "/approve", "", officer).status, 200);
    }
    const std::string code = text_at(post("applications/" + id + "/code", "", clerk), "code");
    EXPECT_EQ(enrol(id, code, of).status, 200);
    const http::Json list = json_of(get("certificates?holder=h-" + id, auditor));
    const http::JsonArray& found = *list.find("certificates")->array();
    return found.empty() ? "" : *found.front().find("serial")->text();
  }
  std::string standing(const std::string& serial) {
    return text_at(get("certificates/" + serial + "/standing", auditor), "standing");
  }
};

// shows-part: MSSP-7.4-b (queries, review, standing; requests of customers only as queries)
TEST_F(AuthorityDesk, AnApplicationIsReviewedByAnotherAndEnrolledOverEst) {
  EXPECT_EQ(apply("a1"), "submitted");
  expect_problem(post("applications/a1/approve", "", clerk), Code::denied);  // applied for it
  expect_problem(post("applications/a1/code", "", clerk), Code::conflict);
  EXPECT_EQ(text_at(post("applications/a1/approve", "", officer), "state"), "approved");
  const std::string code = text_at(post("applications/a1/code", "", clerk), "code");
  EXPECT_EQ(enrol("a1", "2222222222222222", key).status, 401);
  EXPECT_EQ(enrol("a1", code, key).status, 200);
  EXPECT_EQ(text_at(get("applications/a1", auditor), "state"), "issued");
  const http::Json list = json_of(get("certificates?subject=meter&state=published", auditor));
  EXPECT_EQ(*list.find("count")->integer(), 1);
}

TEST_F(AuthorityDesk, AnOrganizationNeedsTwoReviewers) {
  EXPECT_EQ(apply("o1", "organization"), "submitted");
  EXPECT_EQ(text_at(post("applications/o1/approve", "", officer), "state"), "submitted");
  expect_problem(post("applications/o1/approve", "", officer), Code::conflict);
  expect_problem(post("applications/o1/code", "", clerk), Code::conflict);
  EXPECT_EQ(text_at(post("applications/o1/approve", "", admin), "state"), "approved");
}

TEST_F(AuthorityDesk, WhatIsRefusedStaysRefused) {
  apply("a2");
  EXPECT_EQ(
      text_at(post("applications/a2/refuse", R"({"reason":"unknown firm"})", officer), "state"),
      "refused");
  expect_problem(post("applications/a2/approve", "", officer), Code::conflict);
  expect_problem(post("applications/a2/code", "", clerk), Code::conflict);
  expect_problem(post("applications/none/approve", "", officer), Code::not_found);
  expect_problem(post("applications",
                      R"({"id":"a3","profile":"issuing","holder":"h",)"
                      R"("subject":{"common_name":"x"}})",
                      clerk),
                 Code::denied);
  expect_problem(post("applications", R"({"id":"a3"})", clerk), Code::malformed);
}

// shows-part: MSSP-7.4-b (queries, review, standing; requests of customers only as queries)
TEST_F(AuthorityDesk, SuspendedReleasedAndRevokedIsToldAtOnce) {
  const std::string serial = certify("b1", key);
  EXPECT_EQ(standing(serial), "good");
  EXPECT_EQ(text_at(post("certificates/" + serial + "/suspend", "", officer), "standing"),
            "suspended");
  EXPECT_EQ(text_at(post("certificates/" + serial + "/release", "", officer), "standing"), "good");
  const std::string path = "certificates/" + serial + "/revoke";
  expect_problem(post(path, R"({"reason":"because"})", officer), Code::malformed);
  expect_problem(post(path, R"({"reason":"certificate_hold"})", officer), Code::malformed);
  const Response ended = post(path, R"({"reason":"key_compromise"})", officer);
  EXPECT_EQ(text_at(ended, "standing"), "revoked");
  EXPECT_EQ(text_at(ended, "reason"), "key_compromise");
  expect_problem(post("certificates/" + serial + "/release", "", officer), Code::revoked);
  expect_problem(post("certificates/00ff/revoke", R"({"reason":"key_compromise"})", officer),
                 Code::not_found);
}

// shows-part: MSSP-7.4-b (queries, review, standing; requests of customers only as queries)
// shows-part: MSSP-6.2.4-c (at the desk; mutant: tests/mutants/MSSP-6.2.4-c.officer)
TEST_F(AuthorityDesk, EveryActIsRefusedToThoseWhoMayNot) {
  const std::string serial = certify("c1", key);
  const std::string one = "certificates/" + serial;
  const std::pair<std::string, std::string> acts[] = {
      {"applications", "{}"},
      {"applications/c1/approve", ""},
      {"applications/c1/refuse", R"({"reason":"r"})"},
      {"applications/c1/code", ""},
      {"evidence", "{}"},
      {one + "/suspend", ""},
      {one + "/release", ""},
      {one + "/revoke", R"({"reason":"key_compromise"})"},
      {one + "/pair", ""},
      {"revocations", R"({"holder":"h-c1","reason":"key_compromise"})"},
      {"kill-switch", R"({"halted":true,"reason":"r"})"},
      {"recoveries", "{}"},
      {"recoveries/x/approve", ""},
      {"recoveries/x/deliver", ""},
  };
  for (const auto& [path, body] : acts) {
    expect_problem(post(path, body, outsider), Code::denied, path);
    expect_problem(post(path, body, auditor), Code::denied, path);
    expect_problem(post(path, body, ""), Code::unauthenticated, path);
  }
  for (const char* path : {"revocations", "kill-switch", "recoveries/x/approve"})
    expect_problem(post(path, R"({"holder":"h-c1","reason":"key_compromise"})", officer),
                   Code::denied, path);
  for (const std::string& path :
       {std::string("applications"), std::string("applications/c1"), std::string("certificates"),
        one, one + "/standing", std::string("kill-switch"), std::string("transcript")}) {
    expect_problem(get(path, outsider), Code::denied, path);
    expect_problem(get(path, ""), Code::unauthenticated, path);
    EXPECT_EQ(get(path, auditor).status, 200) << path;
  }
  add_bank();
  expect_problem(answer(signed_by_bank(Method::post, kRoot + one + "/revoke",
                                       R"({"reason":"key_compromise"})")),
                 Code::denied);
  EXPECT_EQ(standing(serial), "good");
}

TEST_F(AuthorityDesk, TheAdministratorEndsManyAtOnceAndStopsIssuing) {
  const std::string serial = certify("d1", key);
  expect_problem(post("revocations", R"({"reason":"key_compromise"})", admin), Code::malformed);
  EXPECT_EQ(*json_of(post("revocations", R"({"holder":"h-d1","reason":"key_compromise"})", admin))
                 .find("revoked")
                 ->integer(),
            1);
  EXPECT_EQ(standing(serial), "revoked");
  EXPECT_EQ(post("kill-switch", R"({"halted":true,"reason":"weak keys"})", admin).status, 200);
  apply("d2");
  post("applications/d2/approve", "", officer);
  const std::string code = text_at(post("applications/d2/code", "", clerk), "code");
  const crypto::PrivateKey other = must(crypto::PrivateKey::generate(house.random));
  EXPECT_EQ(enrol("d2", code, other).status, 503);
  EXPECT_EQ(post("kill-switch", R"({"halted":false,"reason":"mended"})", admin).status, 200);
  EXPECT_EQ(enrol("d2", code, other).status, 200);
}

// shows: ZSA37-KMC-a
TEST_F(AuthorityDesk, ALostEncryptionKeyIsGivenAgainUnderDualControl) {
  add_user("second@example.cn", Role::administrator);
  const std::string second = sign_in("second@example.cn");
  const std::string old_serial = certify("e1", key);
  const Response made = post("certificates/" + old_serial + "/pair", "", officer);
  ASSERT_EQ(made.status, 201) << base::text_of(made.body);
  const auto pair = must(
      pki::parse_certificate_response(made.body, x509::make_public_key_info(key.public_key())));
  const auto encryption_key = must(x509::open_enveloped_key(pair.enveloped_key, key));

  const crypto::PrivateKey fresh = must(crypto::PrivateKey::generate(house.random));
  const std::string new_serial = certify("e2", fresh);
  const std::string wanted = R"({"key":"pair-)" + old_serial + R"(","receiver":")" + new_serial +
                             R"(","reason":"the phone is lost"})";
  const std::string recovery = text_at(post("recoveries", wanted, admin), "recovery");
  ASSERT_FALSE(recovery.empty());
  const std::string at = "recoveries/" + recovery;
  expect_problem(post(at + "/deliver", "", admin), Code::denied);
  expect_problem(post(at + "/approve", "", admin), Code::denied);  // asked for it
  EXPECT_EQ(post(at + "/approve", "", second).status, 204);
  expect_problem(post(at + "/approve", "", second), Code::conflict);
  expect_problem(post(at + "/deliver", "", admin), Code::denied);
  add_user("third@example.cn", Role::administrator);
  EXPECT_EQ(post(at + "/approve", "", sign_in("third@example.cn")).status, 204);
  const Response given = post(at + "/deliver", "", admin);
  ASSERT_EQ(given.status, 200);
  const auto again = must(x509::open_enveloped_key(given.body, fresh));
  EXPECT_EQ(again.public_key().encode(), encryption_key.public_key().encode());
  EXPECT_GE(json_of(get("transcript", auditor)).find("lines")->array()->size(), 4U);
}

// shows: ZSA37-KMC-a   mutant: tests/mutants/ZSA37-KMC-a.receiver
TEST_F(AuthorityDesk, ARevokedReceiverIsGivenNoKey) {
  const std::string serial = certify("f1", key);
  ASSERT_EQ(post("certificates/" + serial + "/pair", "", officer).status, 201);
  const crypto::PrivateKey thief = must(crypto::PrivateKey::generate(house.random));
  const std::string stolen = certify("f2", thief);
  post("certificates/" + stolen + "/revoke", R"({"reason":"key_compromise"})", officer);
  expect_problem(
      post("recoveries",
           R"({"key":"pair-)" + serial + R"(","receiver":")" + stolen + R"(","reason":"lost"})",
           admin),
      Code::revoked);
}

}  // namespace
}  // namespace heqi::api
