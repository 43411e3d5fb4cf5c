#include "desk.h"

namespace heqi::bench {

PkiDesk::PkiDesk()
    : hierarchy(*services::ca::hold_ceremony({.root = root.signer,
                                              .issuing = issuing.signer,
                                              .root_key = root.info,
                                              .issuing_key = issuing.info,
                                              .status_responder_key = ocsp.info,
                                              .time_stamp_authority_key = tsa.info,
                                              .application_key = application.info,
                                              .organization = "Bench",
                                              .locations = locations,
                                              .root_crl_url = "http://ca.example/root.crl",
                                              .application_name = "Application"},
                                             clock, random)),
      database(*sql::Database::open({.url = "sqlite:" + folder.path() + "/ca.db"})) {
  const sql::Component components[] = {services::ca::schema()};
  (void)sql::apply_migrations(*database, components, clock);
  authority.emplace(*database, hierarchy.issuing, issuing.signer,
                    services::ca::AuthorityOptions{.locations = locations}, clock, random, log);
  books.emplace(*database, *authority, clock, log);
  PkiKey key(random);
  const auto made = authority->issue(apply(key));
  serial = made->serial();
  (void)authority->publish(serial);
}

services::ca::Application PkiDesk::apply(PkiKey& key) {
  const std::string id = "r" + std::to_string(++number_);
  const x509::Name name =
      *x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), "holder"}});
  return {.request_id = id,
          .holder = "holder",
          .subject = name,
          .csr = *x509::make_csr({.subject = name, .public_key = key.info, .extensions = {}},
                                 key.signer)};
}

void PkiDesk::fill(int count) {
  constexpr int page = 1'000;
  for (int done = 0; done < count; done += page)
    (void)database->with_transaction([&](sql::Transaction& tx) -> base::Status {
      for (int i = 0; i < std::min(page, count - done); ++i) {
        HEQI_TRY(base::Bytes own, services::ca::make_serial(random));
        const base::Time now = std::chrono::floor<std::chrono::seconds>(clock.now());
        HEQI_TRY(const x509::CertificateBody body,
                 services::ca::make_body({.profile = services::ca::Profile::person,
                                          .subject = hierarchy.application.subject(),
                                          .public_key = holder.info,
                                          .not_before = now,
                                          .not_after = now + std::chrono::hours(24 * 365),
                                          .identity = {}},
                                         &hierarchy.issuing, locations, own));
        HEQI_TRY(const base::Bytes tbs, x509::encode_body(body, issuing.signer.algorithm()));
        HEQI_TRY(const base::Bytes signature, issuing.signer.sign(tbs));
        const base::Bytes der = x509::assemble_signed(tbs, issuing.signer.algorithm(), signature);
        HEQI_TRY(
            tx.execute("INSERT INTO ca_certificates (serial, request_id, holder, key_digest, body, "
                       "der, state, "
                       "not_before, not_after, recorded_at) VALUES (?1, ?2, 'filler', ?3, ?4, ?5, "
                       "'published', ?6, ?7, ?6)",
                       own, "f" + std::to_string(++number_), base::ByteView(crypto::sm3(own)), tbs,
                       der, now, body.not_after));
      }
      return {};
    });
}

base::Bytes PkiDesk::ocsp_question(base::ByteView nonce) {
  const pki::Sm3Digester digests;
  return pki::encode_ocsp_request(
      {.questions = {*pki::make_cert_id(hierarchy.issuing, serial, x509::oids::sm3(), digests)},
       .nonce = base::to_bytes(nonce)});
}

base::Bytes PkiDesk::stamp_question() {
  return pki::encode_time_stamp_request(
      pki::make_time_stamp_request(base::bytes_of("a contract"), {1, 2, 3}));
}

}  // namespace heqi::bench
