#include "desk.h"

#include <sched.h>

#include <algorithm>
#include <future>

#include <heqi/crypto/sm2_batch.h>
#include <heqi/x509/sm2_encoding.h>

#include "software_key.h"

namespace heqi::bench {

PkiDesk::PkiDesk(KeysAt keys)
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
      database(*sql::Database::open({.url = "sqlite:" + folder.path() + "/ca.db"})),
      keys_(keys) {
  const sql::Component components[] = {services::ca::schema()};
  (void)sql::apply_migrations(*database, components, clock);
  authority.emplace(*database, hierarchy.issuing, signer_of(issuing),
                    services::ca::AuthorityOptions{.locations = locations}, clock, random, log);
  books.emplace(*database, *authority, clock, log);
  PkiKey key(random);
  const auto made = authority->issue(apply(key));
  serial = made->serial();
  (void)authority->publish(serial);
}

x509::Signer& PkiDesk::signer_of(PkiKey& key) {
  if (keys_ == KeysAt::here) return key.signer;
  if (const auto found = elsewhere_.find(&key); found != elsewhere_.end())
    return *found->second.signer;
  const std::string path = folder.path() + "/" + std::to_string(elsewhere_.size()) + ".pem";
  if (!program::write_software_key(path, key.key)) std::abort();
  auto opened = program::open_key_elsewhere(path, {}, {.program = HEQI_PROGRAM, .connections = 8});
  if (!opened) std::abort();
  return *elsewhere_.emplace(&key, *std::move(opened)).first->second.signer;
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

// Filler is one certificate of the fixture.
struct PkiDesk::Filler {
  base::Bytes serial, tbs, der;
  base::Time not_before, not_after;
};

base::Status PkiDesk::insert(sql::Transaction& tx, const Filler& one) {
  HEQI_TRY(tx.execute(
      "INSERT INTO ca_certificates (serial, request_id, holder, key_digest, body, der, "
      "state, not_before, not_after, recorded_at, subject) VALUES (?1, ?2, 'filler', "
      "?3, ?4, ?5, 'published', ?6, ?7, ?6, 'CN=Application,C=CN')",
      one.serial, "f" + std::to_string(++number_), base::ByteView(crypto::sm3(one.serial)), one.tbs,
      one.der, one.not_before, one.not_after));
  return {};
}

base::Result<PkiDesk::Page> PkiDesk::sign_page(std::span<const base::Bytes> serials) {
  const base::Time now = std::chrono::floor<std::chrono::seconds>(clock.now());
  Page page(serials.size());
  std::vector<crypto::BatchMessage> messages;
  for (Filler& one : page) {
    one.serial = serials[static_cast<std::size_t>(&one - page.data())];
    one.not_before = now;
    one.not_after = now + std::chrono::hours(24 * 365);
    HEQI_TRY(const x509::CertificateBody body,
             services::ca::make_body({.profile = services::ca::Profile::person,
                                      .subject = hierarchy.application.subject(),
                                      .public_key = holder.info,
                                      .not_before = one.not_before,
                                      .not_after = one.not_after,
                                      .identity = {}},
                                     &hierarchy.issuing, locations, one.serial));
    HEQI_TRY(one.tbs, x509::encode_body(body, issuing.signer.algorithm()));
    messages.push_back({&issuing.key, one.tbs});
  }
  HEQI_TRY(const std::vector<crypto::Signature> signatures, crypto::sign_batch(messages, random));
  for (std::size_t i = 0; i < page.size(); ++i)
    page[i].der = x509::assemble_signed(page[i].tbs, issuing.signer.algorithm(),
                                        x509::encode_signature(signatures[i]));
  return page;
}

base::Status PkiDesk::write_page(const Page& page) {
  return database->with_transaction([&](sql::Transaction& tx) -> base::Status {
    for (const Filler& one : page) HEQI_TRY(insert(tx, one));
    return {};
  });
}

namespace {

// leave_core lets this thread run on every core: benchmarks hold their process on one.
void leave_core() {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) CPU_SET(core, &all);
  (void)::sched_setaffinity(0, sizeof all, &all);
}

}  // namespace

// The serial numbers are random and come in their order, and the one index in a random order is
// made at the end: so a page of the database is written once, not once for each certificate. The
// next ones are signed while these are written.
base::Status PkiDesk::fill_all(std::size_t count) {
  constexpr std::size_t page = 10'000;
  std::vector<base::Bytes> serials(count);
  for (base::Bytes& one : serials) {
    HEQI_TRY(one, services::ca::make_serial(random));
  }
  std::sort(serials.begin(), serials.end());
  HEQI_TRY(database->with_transaction(
      [](sql::Transaction& tx) { return tx.execute("DROP INDEX ca_certificates_by_key"); }));
  const auto sign_from = [&](std::size_t begin) {
    const std::size_t size = begin < count ? std::min(page, count - begin) : 0;
    return std::async(std::launch::async, [this, &serials, begin, size] {
      leave_core();
      return sign_page(std::span(serials).subspan(size == 0 ? 0 : begin, size));
    });
  };
  std::future<base::Result<Page>> next = sign_from(0);
  for (std::size_t done = 0; done < count; done += page) {
    HEQI_TRY(const Page signed_page, next.get());
    next = sign_from(done + page);
    HEQI_TRY(write_page(signed_page));
  }
  HEQI_TRY(database->with_transaction([](sql::Transaction& tx) {
    return tx.execute("CREATE INDEX ca_certificates_by_key ON ca_certificates (key_digest)");
  }));
  return {};
}

void PkiDesk::fill(int count) {
  if (!fill_all(static_cast<std::size_t>(count))) std::abort();
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
