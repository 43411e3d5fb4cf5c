// An application asks for a seal over REST.
#include <heqi/x509/sm2_encoding.h>

#include "../../device/tests/sealed.h"
#include "api_fixture.h"

namespace heqi::api {
namespace {

// shows: ZSA37-C-f, MSSP-8.1.1
TEST_F(ApiContracts, AnApplicationAsksForASealOfItsOwnDocumentOnly) {
  add_bank();
  const auto certificate = must(x509::parse_certificate(phone.msd->information().certificate));
  device::Sealed sealed;
  sealed.time = house.clock.now();
  sealed.valid_from = sealed.time - std::chrono::hours(1);
  sealed.valid_until = sealed.time + std::chrono::hours(1);
  sealed.signers = {base::to_bytes(certificate.der())};
  const base::Bytes octets = device::to_be_sealed(sealed);
  const auto wish = [&](std::string_view form, const base::Bytes& data) {
    const auto wanted = house.seal_request("bank", "t-1", zhang, data);
    base::JsonWriter json;
    json.begin_object()
        .field("ap_transaction", "t-1")
        .field("signer", zhang)
        .field("data", base::to_base64(data))
        .field("form", form)
        .field("title", wanted.title)
        .field("statement", base::to_base64(wanted.statement))
        .field("certificate", base::to_base64(wanted.statement_certificate))
        .end_object();
    return json.str();
  };
  const auto post = [&](const std::string& body) {
    return answer(signed_by_bank(Method::post, "/api/v1/signatures", body));
  };
  for (const char* form : {"", "Seal", "SEAL", "stamp", "cms", "message"})
    expect_problem(post(wish(form, octets)), Code::malformed, form);
  expect_problem(post(wish("signature", octets)), Code::malformed);  // the statement is of a seal
  expect_problem(post(wish("seal", base::to_bytes("%PDF-1.7"))), Code::unsupported);
  device::Sealed late = sealed;
  late.valid_until = late.time - std::chrono::minutes(1);
  expect_problem(post(wish("seal", device::to_be_sealed(late))), Code::seal_unusable);
  expect_problem(ask(Method::post, "/api/v1/signatures", wish("seal", octets), token),
                 Code::unauthenticated);  // a user is no application
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 0);

  const Request asked = signed_by_bank(Method::post, "/api/v1/signatures", wish("seal", octets));
  const Response accepted = answer(asked);
  ASSERT_EQ(accepted.status, 202) << base::text_of(accepted.body);
  EXPECT_EQ(text_at(accepted, "form"), "seal");
  expect_problem(answer(asked), Code::identity_replayed);
  const std::string one = "/api/v1/signatures/" + text_at(accepted, "transaction");
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  expect_problem(answer(signed_by_bank(Method::get, one + "?form=message")), Code::malformed);
  const Response done = answer(signed_by_bank(Method::get, one));
  EXPECT_EQ(text_at(done, "state"), "DONE");
  EXPECT_EQ(base::text_of(done.body).find("signed_attributes"), std::string_view::npos);
  EXPECT_EQ(*base::parse_base64(text_at(done, "certificate")), base::to_bytes(certificate.der()));
  const auto value = must(x509::parse_signature(*base::parse_base64(text_at(done, "signature"))));
  EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()), octets, value));
  // Another application's seal is as if it were not there.
  const auto theirs = must(house.services->transactions.submit(
      "shop", house.seal_request("shop", "t-1", zhang, octets)));
  const std::string other = "/api/v1/signatures/" + theirs.id;
  expect_problem(answer(signed_by_bank(Method::get, other)), Code::not_found);
  expect_problem(answer(signed_by_bank(Method::post, other + "/cancel", R"({"reason":"x"})")),
                 Code::not_found);
}

}  // namespace
}  // namespace heqi::api
