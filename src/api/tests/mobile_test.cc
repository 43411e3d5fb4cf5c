// The authority's end of GB/T 38646 §8.3, driven as a mobile signature service with its MSDs drives
// it: the requests are signed by the service, the proofs are made by the MSD's own keys.
#include "api_fixture.h"

#include <heqi/pki/ocsp.h>
#include <heqi/services/mobile/proofs.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::api {
namespace {

using services::identity::Role;

const std::string kRoot = "/api/v1/ca/mobile/";

std::string quoted(std::string_view name, std::string_view value) {
  return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

// Msd is what a person carries: a key, and the code that was given at the counter.
struct Msd {
  explicit Msd(base::Random& source)
      : random(source), key(must(crypto::PrivateKey::generate(source))) {}
  base::Bytes csr(const std::string& name) {
    x509::SoftwareSm2Signer signer(key.clone(), random);
    return must(x509::make_csr(
        {.subject = must(
             x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), name}})),
         .public_key = x509::make_public_key_info(key.public_key()),
         .extensions = {}},
        signer));
  }
  std::string sign(base::ByteView statement) {
    x509::SoftwareSm2Signer signer(key.clone(), random);
    return base::to_base64(must(signer.sign(statement)));
  }
  base::Random& random;
  crypto::PrivateKey key;
};

struct Mobile : Api {
  std::string officer =
      (add_user("officer@example.cn", Role::operator_of_desk), sign_in("officer@example.cn"));
  Msd msd{house.random};

  Mobile() {
    add_bank();
    officer_post("connections/bank/apply");
    EXPECT_EQ(text_at(service_post("connection/accept"), "state"), "active");
  }
  Response officer_post(const std::string& path, const std::string& body = {}) {
    return ask(Method::post, kRoot + path, body, officer);
  }
  Response service_post(const std::string& path, const std::string& body = {}) {
    return answer(signed_by_bank(Method::post, kRoot + path, body));
  }
  Response service_get(const std::string& path) {
    return answer(signed_by_bank(Method::get, kRoot + path));
  }
  // stranger_post is another mobile signature service.
  Response stranger_post(const std::string& path, const std::string& body = {}) {
    if (!stranger_) {
      stranger_ = must(crypto::PrivateKey::generate(house.random));
      EXPECT_OK(
          house.services->applications.add_key("shop", "1", stranger_->public_key().encode()));
    }
    base::FetchRequest fetch;
    fetch.method = "POST";
    fetch.url = "https://heqi.test" + kRoot + path;
    fetch.body = base::to_bytes(base::bytes_of(body));
    EXPECT_OK(services::identity::sign_request(fetch, "shop", "1", *stranger_, house.clock.now(),
                                               house.random));
    Request request = make(Method::post, kRoot + path, body);
    for (auto [name, value] : fetch.headers) {
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      request.headers.emplace_back(std::move(name), std::move(value));
    }
    return answer(std::move(request));
  }
  Response accept(const std::string& id, const std::string& user, const std::string& device) {
    return officer_post("acceptances", "{" + quoted("id", id) + "," + quoted("service", "bank") +
                                           "," + quoted("user", user) + "," +
                                           quoted("device", device) +
                                           R"(,"subject":{"common_name":"张三"}})");
  }
  std::string activate(const std::string& id) {
    return text_at(officer_post("acceptances/" + id + "/activate"), "flow");
  }
  std::string application(const std::string& flow, base::ByteView csr,
                          const std::string& acceptance, const std::string& code) {
    const auto key = services::mobile::code_key(acceptance, code);
    return "{" + quoted("csr", base::to_base64(csr)) + "," +
           quoted("proof", base::to_base64(services::mobile::proof_of_code(key, flow, csr))) + "}";
  }
  Response request(const std::string& flow, const std::string& body) {
    return service_post("flows/" + flow + "/request", body);
  }
  std::string state(const std::string& flow) {
    return text_at(service_get("flows/" + flow), "state");
  }
  std::string standing(const std::string& serial) {
    return text_at(ask(Method::get, "/api/v1/ca/certificates/" + serial + "/standing", {}, officer),
                   "standing");
  }
  // certify is the whole application of one person, up to the publication.
  std::string certify(const std::string& id, Msd& of) {
    const std::string code = text_at(accept(id, "user-" + id, "msd-" + id), "code");
    const std::string flow = activate(id);
    const Response issued = request(flow, application(flow, of.csr("张三"), id, code));
    EXPECT_EQ(service_post("flows/" + flow + "/publish").status, 200);
    return text_at(issued, "serial");
  }
  std::string start_update(const std::string& id, const std::string& serial) {
    const Response begun =
        service_post("updates", "{" + quoted("id", id) + "," + quoted("certificate", serial) + "}");
    EXPECT_EQ(begun.status, 202) << base::text_of(begun.body);
    return text_at(begun, "flow");
  }
  base::Bytes nonce_of(const std::string& flow) {
    return must(base::parse_base64(text_at(service_get("flows/" + flow), "nonce")));
  }
  std::string update(const std::string& flow, base::ByteView csr, Msd& old) {
    return "{" + quoted("csr", base::to_base64(csr)) + "," +
           quoted("signature",
                  old.sign(services::mobile::update_statement(flow, nonce_of(flow), csr))) +
           "}";
  }
  pki::CertStatus ocsp(const std::string& serial) {
    const pki::Sm3Digester digests;
    pki::CertId id = must(pki::make_cert_id(
        house.hierarchy().issuing, must(base::parse_hex(serial)), x509::oids::sm3(), digests));
    base::FetchRequest asked;
    asked.method = "POST";
    asked.url = "http://pki.test/ocsp";
    asked.body = pki::encode_ocsp_request({.questions = {id}, .nonce = {}});
    const auto told = must(house.services->fetch.fetch(asked));
    return must(pki::parse_ocsp_answer(told.body)).body.answers.at(0).status;
  }

 private:
  std::optional<crypto::PrivateKey> stranger_;
};

// shows: MSSP-6.2.2-h, MSSP-6.2.2-n, MSSP-6.2.2-o
// shows: MSSP-8.3.1-b, MSSP-8.3.1-c, MSSP-8.3.1-d, MSSP-8.3.1-e
// shows-part: MSSP-8.3.1-a (the service's order to the MSD is the service's side)
// shows-part: MSSP-6.2.2-b (CA's side, which sends the activation; the service knows its users)
// shows-part: MSSP-6.2.2-i (CA's side, the certificate; an error reaches the user by the service)
// shows-part: MSSP-6.2.1-abc (the flows of the authority; the service's are its own)
TEST_F(Mobile, APersonAppliesAndTheCertificateIsGoodOnceItIsPublished) {
  const std::string code = text_at(accept("a1", "zhang", "msd-7"), "code");
  const std::string flow = activate("a1");
  house.settle();
  ASSERT_EQ(house.to_services.size(), 1U);
  const std::string& told = house.to_services[0];
  EXPECT_NE(told.find("certificate_application_activation"), std::string::npos) << told;
  EXPECT_NE(told.find(quoted("user", "zhang")), std::string::npos) << told;
  EXPECT_NE(told.find(quoted("device", "msd-7")), std::string::npos) << told;
  EXPECT_EQ(activate("a1"), flow);  // the same again

  const base::Bytes csr = msd.csr("张三");
  expect_problem(service_post("flows/" + flow + "/publish"), Code::conflict);
  const Response issued = request(flow, application(flow, csr, "a1", code));
  ASSERT_EQ(issued.status, 200) << base::text_of(issued.body);
  const std::string serial = text_at(issued, "serial");
  const auto der = must(base::parse_base64(text_at(issued, "certificate")));
  EXPECT_EQ(must(x509::parse_certificate(der)).public_key(),
            x509::make_public_key_info(msd.key.public_key()));
  EXPECT_EQ(text_at(request(flow, application(flow, csr, "a1", code)), "serial"), serial);

  EXPECT_EQ(ocsp(serial), pki::CertStatus::unknown);
  EXPECT_EQ(service_post("flows/" + flow + "/publish").status, 200);
  EXPECT_EQ(ocsp(serial), pki::CertStatus::good);
  EXPECT_EQ(text_at(service_post("flows/" + flow + "/publish"), "state"), "DONE");  // a repeat
  house.settle();
  EXPECT_EQ(ocsp(serial), pki::CertStatus::good);
  EXPECT_NE(house.to_services.back().find("DONE"), std::string::npos);
}

// shows: MSSP-6.2.2-pre
TEST_F(Mobile, AnMsdThatIsBoundToSomebodyElseIsRefused) {
  EXPECT_EQ(accept("b1", "zhang", "msd-1").status, 201);
  expect_problem(accept("b2", "li", "msd-1"), Code::conflict);
  EXPECT_EQ(accept("b3", "zhang", "msd-1").status, 201);  // the same person again
  expect_problem(accept("b3", "zhang", "msd-1"), Code::conflict);
  expect_problem(accept("", "zhang", "msd-1"), Code::malformed);
  expect_problem(answer(signed_by_bank(Method::post, kRoot + "acceptances", "{}")), Code::denied);
}

// shows: MSSP-6.2.2-g, MSSP-6.2.2-h
TEST_F(Mobile, ARequestThatTheServiceExchangedIsRefused) {
  const std::string code = text_at(accept("c1", "zhang", "msd-1"), "code");
  const std::string flow = activate("c1");
  const base::Bytes csr = msd.csr("张三");
  const std::string body = application(flow, csr, "c1", code);
  Msd thief(house.random);
  const base::Bytes other = thief.csr("张三");
  std::string exchanged = body;
  const std::string encoded = base::to_base64(csr);
  exchanged.replace(exchanged.find(encoded), encoded.size(), base::to_base64(other));
  expect_problem(request(flow, exchanged), Code::unauthenticated);
  // A proof of the right code for another flow, another name, and a request not signed by its key.
  accept("c2", "zhang", "msd-1");
  const std::string second = activate("c2");
  expect_problem(request(second, body), Code::unauthenticated);
  expect_problem(request(flow, application(flow, msd.csr("李四"), "c1", code)), Code::denied);
  base::Bytes broken = csr;
  broken.back() ^= 1;
  expect_problem(request(flow, application(flow, broken, "c1", code)), Code::invalid_signature);
  EXPECT_EQ(request(flow, body).status, 200);
  expect_problem(request(flow, application(flow, other, "c1", code)), Code::conflict);
}

// shows-part: MSSP-6.2.2-d2 (the user hears of it from the service)
TEST_F(Mobile, FiveWrongCodesMakeItVoidAndTheServiceIsTold) {
  const std::string code = text_at(accept("d1", "zhang", "msd-1"), "code");
  const std::string flow = activate("d1");
  const base::Bytes csr = msd.csr("张三");
  const std::string wrong = application(flow, csr, "d1", "2222222222222222");
  for (int i = 0; i < 4; ++i) expect_problem(request(flow, wrong), Code::unauthenticated);
  expect_problem(request(flow, wrong), Code::identity_code_void);
  expect_problem(request(flow, application(flow, csr, "d1", code)), Code::identity_code_void);
  EXPECT_EQ(state(flow), "FAILED");
  house.settle();
  EXPECT_NE(house.to_services.back().find("identity.code_void"), std::string::npos);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM ca_certificates WHERE holder LIKE 'mobile:%'"), 0);
}

TEST_F(Mobile, ACodeExpires) {
  const std::string code = text_at(accept("d2", "zhang", "msd-1"), "code");
  house.clock.advance(services::mobile::kAcceptanceLifetime);
  officer = sign_in("officer@example.cn");
  const std::string flow = activate("d2");
  expect_problem(request(flow, application(flow, msd.csr("张三"), "d2", code)),
                 Code::identity_code_void);
}

// A key is one person's.
TEST_F(Mobile, AKeyThatIsCertifiedForAnotherPersonIsRefused) {
  certify("e1", msd);
  const std::string code = text_at(accept("e2", "li", "msd-2"), "code");
  const std::string flow = activate("e2");
  expect_problem(request(flow, application(flow, msd.csr("张三"), "e2", code)), Code::conflict);
}

// shows-part: MSSP-6.2.2-q (the authority's half)
// shows-part: MSSP-6.2.2-b (CA's side: a refusal with its reason ends the flow)
// shows-part: MSSP-6.2.2-j (that the service looks is its side)
TEST_F(Mobile, WhatTheServiceRefusesOrLeavesIsRevoked) {
  const std::string code = text_at(accept("f1", "zhang", "msd-1"), "code");
  const std::string flow = activate("f1");
  const std::string serial =
      text_at(request(flow, application(flow, msd.csr("张三"), "f1", code)), "serial");
  expect_problem(service_post("flows/" + flow + "/refuse", "{}"), Code::malformed);
  EXPECT_EQ(text_at(service_post("flows/" + flow + "/refuse", R"({"reason":"names another user"})"),
                    "state"),
            "CANCELLED");
  house.settle();
  EXPECT_EQ(standing(serial), "revoked");
  expect_problem(service_post("flows/" + flow + "/publish"), Code::cancelled);

  Msd second(house.random);
  const std::string other_code = text_at(accept("f2", "li", "msd-2"), "code");
  const std::string left = activate("f2");
  const std::string unused =
      text_at(request(left, application(left, second.csr("张三"), "f2", other_code)), "serial");
  house.clock.advance(services::mobile::kFlowLifetime);
  house.settle();
  officer = sign_in("officer@example.cn");
  EXPECT_EQ(state(left), "EXPIRED");
  EXPECT_EQ(standing(unused), "revoked");
  expect_problem(service_post("flows/" + left + "/publish"), Code::expired);
}

// A restart between the publish request and the publication loses nothing.
// shows-part: MSSP-6.2.2-q (the authority's half)
TEST_F(Mobile, APublicationThatBrokeOffIsFinishedAfterARestart) {
  const std::string code = text_at(accept("g1", "zhang", "msd-1"), "code");
  const std::string flow = activate("g1");
  const std::string serial =
      text_at(request(flow, application(flow, msd.csr("张三"), "g1", code)), "serial");
  // As the crash leaves it: the request is recorded, the act is not done.
  EXPECT_OK(house.services->engine.handle(
      {.flow_id = flow,
       .sender = "bank",
       .message_id = flow + ":publish",
       .fingerprint = {},
       .expected_steps = {}},
      [&](flow::Move& move) -> base::Result<base::Bytes> {
        move.go_to("publishing");
        move.set_deadline(std::nullopt);
        move.send({.topic = std::string(services::mobile::kPublishTopic),
                   .recipient = "authority",
                   .message_id = flow + ":publishing"});
        return base::Bytes();
      }));
  house.restart();
  house.settle();
  EXPECT_EQ(state(flow), "DONE");
  EXPECT_EQ(standing(serial), "good");
}

// shows: MSSP-6.2.3-b, MSSP-6.2.3-i, MSSP-6.2.3-j, MSSP-6.2.3-k, MSSP-6.2.3-q, MSSP-6.2.3-r
// shows: MSSP-8.3.2-a, MSSP-8.3.2-b, MSSP-8.3.2-c, MSSP-8.3.2-d, MSSP-8.3.2-e
// shows-part: MSSP-6.2.3-h (what the service sends; that it does is the service's side)
// shows-part: MSSP-6.2.3-s (CA's side: the publish answer; what the service does with it is its
// side)
TEST_F(Mobile, AnUpdateReplacesTheCertificateInOneAct) {
  const std::string old_serial = certify("h1", msd);
  const std::string flow = start_update("u1", old_serial);
  EXPECT_EQ(start_update("u1", old_serial), flow);  // the same again
  house.settle();
  const std::string& told = house.to_services.back();
  EXPECT_NE(told.find("certificate_update_activation"), std::string::npos) << told;
  EXPECT_NE(told.find(quoted("user", "user-h1")), std::string::npos) << told;
  EXPECT_NE(told.find(quoted("certificate", old_serial)), std::string::npos) << told;
  EXPECT_NE(told.find(base::to_base64(nonce_of(flow))), std::string::npos) << told;
  expect_problem(service_post("updates", "{" + quoted("id", "u2") + "," +
                                             quoted("certificate", old_serial) + "}"),
                 Code::conflict);

  Msd fresh(house.random);  // the pair that the MSD makes after the PIN
  const Response issued = request(flow, update(flow, fresh.csr("张三"), msd));
  ASSERT_EQ(issued.status, 200) << base::text_of(issued.body);
  const std::string new_serial = text_at(issued, "serial");
  EXPECT_EQ(ocsp(old_serial), pki::CertStatus::good);
  EXPECT_EQ(ocsp(new_serial), pki::CertStatus::unknown);
  EXPECT_EQ(service_post("flows/" + flow + "/publish").status, 200);
  EXPECT_EQ(ocsp(old_serial), pki::CertStatus::revoked);
  EXPECT_EQ(ocsp(new_serial), pki::CertStatus::good);
  house.settle();
  EXPECT_NE(house.to_services.back().find("DONE"), std::string::npos);
  EXPECT_NE(nonce_of(flow), nonce_of(start_update("u3", new_serial)));
}

// shows-part: MSSP-6.2.3-a1 (CA side; that the service asks its user is the service's side)
// mutant: tests/mutants/MSSP-6.2.3-a1.declined
TEST_F(Mobile, OnlyAConfirmedPromptOfTheAuthorityStartsAnUpdate) {
  const std::string serial = certify("q1", msd);
  Msd second(house.random);
  const std::string other = certify("q2", second);
  house.settle();
  const std::size_t before = house.to_services.size();
  auto& flows = house.services->certificate_flows;
  EXPECT_EQ(must(flows.prompt_updates()), 0U);  // far from their end
  const auto certificate = must(x509::parse_certificate(
      must(house.services->mobile_issuer.certificate(must(base::parse_hex(serial))))));
  house.clock.advance(certificate.not_after() - house.clock.now() - services::mobile::kUpdateLead);
  EXPECT_EQ(must(flows.prompt_updates()), 2U);
  EXPECT_EQ(must(flows.prompt_updates()), 0U);  // each is asked once
  house.settle();
  ASSERT_EQ(house.to_services.size(), before + 2);
  std::map<std::string, std::string> prompts;  // by certificate
  for (std::size_t i = before; i < house.to_services.size(); ++i) {
    const http::Json told = must(http::parse_json(base::bytes_of(house.to_services[i])));
    EXPECT_EQ(*told.find("kind")->text(), "certificate_update_prompt");
    prompts[*told.find("certificate")->text()] = *told.find("prompt")->text();
  }
  const auto reply = [&](const std::string& to, std::string_view answer) {
    return service_post("prompts/" + prompts[to] + "/answer", "{" + quoted("answer", answer) + "}");
  };
  const auto updates = [&] {
    return house.number("SELECT COUNT(*) FROM mobile_flows WHERE kind = 'update'");
  };
  EXPECT_EQ(updates(), 0);  // a prompt alone starts nothing
  expect_problem(stranger_post("prompts/" + prompts[serial] + "/answer",
                               "{" + quoted("answer", "confirmed") + "}"),
                 Code::not_found);
  expect_problem(service_post("prompts/none/answer", "{" + quoted("answer", "confirmed") + "}"),
                 Code::not_found);
  expect_problem(reply(serial, "perhaps"), Code::malformed);
  EXPECT_EQ(text_at(reply(other, "declined"), "answer"), "declined");
  EXPECT_EQ(updates(), 0);
  EXPECT_EQ(ocsp(other), pki::CertStatus::good);
  expect_problem(reply(other, "confirmed"), Code::conflict);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mobile_prompts WHERE answer = 'declined'"), 1);

  const std::string flow = text_at(reply(serial, "confirmed"), "flow");
  EXPECT_EQ(text_at(reply(serial, "confirmed"), "flow"), flow);  // a repeat
  EXPECT_EQ(updates(), 1);
  house.settle();
  EXPECT_NE(house.to_services.back().find("certificate_update_activation"), std::string::npos);
  Msd fresh(house.random);
  const Response issued = request(flow, update(flow, fresh.csr("张三"), msd));
  ASSERT_EQ(issued.status, 200) << base::text_of(issued.body);
  EXPECT_EQ(service_post("flows/" + flow + "/publish").status, 200);
  EXPECT_EQ(ocsp(serial), pki::CertStatus::revoked);
}

// shows-part: MSSP-6.2.3-a1 (CA side; that the service asks its user is the service's side)
TEST_F(Mobile, WhoDoesNotAnswerAPromptKeepsTheOldCertificate) {
  const std::string serial = certify("r1", msd);
  Msd second(house.random);
  const std::string revoked = certify("r2", second);
  EXPECT_OK(house.services->authority.revoke(must(base::parse_hex(revoked)),
                                             pki::RevocationReason::superseded));
  const auto certificate = must(x509::parse_certificate(
      must(house.services->mobile_issuer.certificate(must(base::parse_hex(serial))))));
  house.clock.advance(certificate.not_after() - house.clock.now() - services::mobile::kUpdateLead);
  EXPECT_EQ(must(house.services->certificate_flows.prompt_updates()),
            1U);  // not of the revoked one
  house.settle();
  const http::Json told = must(http::parse_json(base::bytes_of(house.to_services.back())));
  house.clock.advance(services::mobile::kPromptLifetime);
  expect_problem(service_post("prompts/" + *told.find("prompt")->text() + "/answer",
                              "{" + quoted("answer", "confirmed") + "}"),
                 Code::expired);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mobile_flows WHERE kind = 'update'"), 0);
  EXPECT_EQ(ocsp(serial), pki::CertStatus::good);
}

// shows: MSSP-6.2.3-i
TEST_F(Mobile, AnUpdateThatTheOldKeyDidNotAskForIsRefused) {
  const std::string serial = certify("i1", msd);
  Msd fresh(house.random), thief(house.random);
  const base::Bytes csr = fresh.csr("张三");
  const std::string flow = start_update("v1", serial);
  expect_problem(request(flow, update(flow, csr, thief)), Code::invalid_signature);
  expect_problem(request(flow, update(flow, msd.csr("张三"), msd)), Code::conflict);  // the old key
  expect_problem(request(flow, update(flow, fresh.csr("李四"), msd)), Code::denied);
  // The signature of the nonce beside another request.
  std::string exchanged = update(flow, csr, msd);
  const std::string encoded = base::to_base64(csr);
  exchanged.replace(exchanged.find(encoded), encoded.size(), base::to_base64(thief.csr("张三")));
  expect_problem(request(flow, exchanged), Code::invalid_signature);
  expect_problem(request(flow, "{" + quoted("csr", encoded) + "}"), Code::malformed);
  // Another person's flow, and a stale one.
  Msd other(house.random);
  const std::string other_flow = start_update("v2", certify("i2", other));
  expect_problem(request(other_flow, update(flow, csr, msd)), Code::invalid_signature);
  const std::string late = update(flow, csr, msd);
  house.clock.advance(services::mobile::kFlowLifetime);
  expect_problem(request(flow, late), Code::expired);
}

// shows-part: MSSP-6.2.3-u (the user hears of it from the service)
TEST_F(Mobile, AnUpdateThatBreaksOffLeavesTheOldCertificateInForce) {
  const std::string serial = certify("j1", msd);
  const std::string flow = start_update("w1", serial);
  Msd fresh(house.random);
  const std::string unused = text_at(request(flow, update(flow, fresh.csr("张三"), msd)), "serial");
  house.clock.advance(services::mobile::kFlowLifetime);
  house.settle();
  officer = sign_in("officer@example.cn");
  EXPECT_EQ(standing(serial), "good");
  EXPECT_EQ(standing(unused), "revoked");
  EXPECT_NE(house.to_services.back().find("EXPIRED"), std::string::npos);
}

TEST_F(Mobile, ARevokedCertificateIsNotUpdated) {
  const std::string serial = certify("k1", msd);
  const std::string flow = start_update("x1", serial);
  ask(Method::post, "/api/v1/ca/certificates/" + serial + "/revoke",
      R"({"reason":"key_compromise"})", officer);
  Msd fresh(house.random);
  expect_problem(request(flow, update(flow, fresh.csr("张三"), msd)), Code::revoked);
  expect_problem(
      service_post("updates", "{" + quoted("id", "x2") + "," + quoted("certificate", serial) + "}"),
      Code::revoked);
}

// shows: MSSP-6.2.4-c, MSSP-8.3.3-a, MSSP-8.3.3-b
// shows-part: MSSP-6.2.4-b (the origin is recorded; the prompts are the service's side)
// shows-part: MSSP-6.2.4-d (OCSP; lists are shown elsewhere)
// shows-part: MSSP-6.2.4-e (the answer; what the service does with it is its side)
TEST_F(Mobile, EachOriginRevokesItsOwnAndForgedRequestsChangeNothing) {
  const auto wanted = [](const std::string& serial, std::string_view origin,
                         const std::string& more = {}) {
    return "{" + quoted("certificate", serial) + "," + quoted("origin", origin) + "," +
           quoted("reason", "key_compromise") + more + "}";
  };
  const std::string serial = certify("l1", msd);
  const auto signature = [&](Msd& by, const std::string& of) {
    return "," + quoted("signature", by.sign(services::mobile::revocation_statement(
                                         must(base::parse_hex(of)), 1)));
  };
  Msd thief(house.random), second(house.random), third(house.random);
  expect_problem(service_post("revocations", wanted(serial, "user")), Code::invalid_signature);
  expect_problem(service_post("revocations", wanted(serial, "user", signature(thief, serial))),
                 Code::invalid_signature);
  expect_problem(service_post("revocations", wanted("00ff", "service")), Code::not_found);
  expect_problem(service_post("revocations", wanted(serial, "nobody")), Code::malformed);
  expect_problem(service_post("revocations", wanted(serial, "application")), Code::malformed);
  expect_problem(stranger_post("revocations", wanted(serial, "service")), Code::not_found);
  EXPECT_EQ(ocsp(serial), pki::CertStatus::good);

  EXPECT_EQ(service_post("revocations", wanted(serial, "user", signature(msd, serial))).status,
            200);
  EXPECT_EQ(ocsp(serial), pki::CertStatus::revoked);
  const std::string asked = certify("l2", second), judged = certify("l3", third);
  EXPECT_EQ(
      service_post("revocations", wanted(asked, "application", "," + quoted("asked_by", "shop")))
          .status,
      200);
  EXPECT_EQ(service_post("revocations", wanted(judged, "service")).status, 200);
  EXPECT_EQ(ocsp(asked), pki::CertStatus::revoked);
  EXPECT_EQ(ocsp(judged), pki::CertStatus::revoked);
  EXPECT_EQ(house.number("SELECT COUNT(DISTINCT origin) FROM mobile_revocations"), 3);
}

// shows: MSSP-7.4
TEST_F(Mobile, ASuspendedAuthorityIssuesAndActivatesNothingThroughTheService) {
  const std::string serial = certify("m1", msd);
  const std::string code = text_at(accept("m2", "li", "msd-2"), "code");
  const std::string flow = activate("m2");
  Msd second(house.random);
  const std::string body = application(flow, second.csr("张三"), "m2", code);
  EXPECT_EQ(text_at(officer_post("connections/bank/suspend", R"({"reason":"audit"})"), "state"),
            "suspended");
  expect_problem(request(flow, body), Code::denied);
  expect_problem(accept("m3", "wang", "msd-3"), Code::denied);
  expect_problem(
      service_post("updates", "{" + quoted("id", "y1") + "," + quoted("certificate", serial) + "}"),
      Code::denied);
  expect_problem(service_post("connection/resume"), Code::denied);  // the authority suspended it
  EXPECT_EQ(service_post("revocations", "{" + quoted("certificate", serial) +
                                            R"(,"origin":"service","reason":"superseded"})")
                .status,
            200);
  EXPECT_EQ(text_at(officer_post("connections/bank/resume"), "state"), "active");
  EXPECT_EQ(request(flow, body).status, 200);
  EXPECT_EQ(text_at(service_post("connection/cancel", R"({"reason":"moved"})"), "state"),
            "cancelled");
  expect_problem(service_post("flows/" + flow + "/publish"), Code::denied);
  expect_problem(officer_post("connections/bank/resume"), Code::conflict);
  EXPECT_EQ(text_at(officer_post("connections/bank/apply"), "state"), "applied");
  expect_problem(officer_post("connections/nobody/apply"), Code::not_found);
  EXPECT_EQ(text_at(service_post("connection/accept"), "state"), "active");
}

// shows-part: MSSP-8.3-x (the interface between service and authority)
TEST_F(Mobile, MessagesOfTheWrongPartyOrOutOfOrderChangeNothing) {
  const std::string code = text_at(accept("n1", "zhang", "msd-1"), "code");
  const std::string flow = activate("n1");
  const std::string body = application(flow, msd.csr("张三"), "n1", code);
  for (const char* act : {"/request", "/publish", "/refuse"}) {
    const std::string path = "flows/" + flow + act;
    const std::string sent = act == std::string("/request") ? body : R"({"reason":"r"})";
    expect_problem(stranger_post(path, sent), Code::not_found, act);
    expect_problem(ask(Method::post, kRoot + path, sent, officer), Code::unauthenticated, act);
    expect_problem(ask(Method::post, kRoot + path, sent), Code::unauthenticated, act);
  }
  expect_problem(request(flow, "{}"), Code::malformed);
  expect_problem(request(flow, R"({"csr":"AA==","proof":"AA==","more":1})"), Code::malformed);
  expect_problem(request(flow, R"({"csr":")" + std::string(40'000, 'A') + R"(","proof":"AA=="})"),
                 Code::malformed);
  expect_problem(request("none", body), Code::not_found);
  EXPECT_EQ(state(flow), "OPEN");
  EXPECT_EQ(request(flow, body).status, 200);
}

}  // namespace
}  // namespace heqi::api
