#include <heqi/services/contract/evidence.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::contract {

namespace evidence = documents::evidence;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kBlobFolder = "evidence/";

evidence::Party party_of(const Party& party) {
  return {.position = party.position,
          .person = party.person_id,
          .name = party.name,
          .field = party.field,
          .signed_at = party.signed_at};
}

void append(std::vector<Bytes>& to, const std::vector<Bytes>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

Result<std::optional<Bytes>> EvidencePackages::find_kept(const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row, p_.database.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT file FROM contract_evidence WHERE contract_id = ?1", id);
  }));
  if (!row) return std::optional<Bytes>();
  HEQI_TRY(Bytes package, p_.blobs.read(row->text(0), evidence::kPackageSizeMax));
  return std::optional<Bytes>(std::move(package));
}

// keep stores the package that comes first: of two that are made at once, the other is dropped.
Result<Bytes> EvidencePackages::keep(const std::string& id, const Bytes& package) {
  const std::string name = std::string(kBlobFolder) + base::to_hex(crypto::sm3(package));
  HEQI_TRY(p_.blobs.write(name, package));
  const base::Status kept = p_.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("INSERT INTO contract_evidence (contract_id, file, made_at) "
                   "VALUES (?1, ?2, ?3) ON CONFLICT (contract_id) DO NOTHING",
                   id, name, p_.clock.now()));
    return {};
  });
  HEQI_TRY(kept);
  HEQI_TRY(std::optional<Bytes> first, find_kept(id));
  if (!first) return fail(Code::storage, "the package that was kept is not there");
  return *std::move(first);
}

Result<evidence::Content> EvidencePackages::collect(const std::string& owner,
                                                    const Contract& contract) {
  evidence::Content out;
  out.contract = contract.id;
  out.title = contract.title;
  out.owner = contract.owner;
  out.created_at = contract.created_at;
  out.ended_at = contract.ended_at.value_or(contract.created_at);
  for (const Party& party : contract.parties) out.parties.push_back(party_of(party));
  HEQI_TRY(out.document, p_.platform.document(contract));
  HEQI_TRY(out.original, p_.platform.original(contract));
  HEQI_TRY(const std::vector<Moment> moments, p_.platform.moments(owner, contract.id));
  for (const Moment& one : moments) {
    if (one.token.empty()) return fail(Code::unavailable, "a moment is not stamped yet");
    out.moments.push_back({record_of(one.deed), one.token});
  }
  HEQI_TRY(evidence::Kept kept, evidence::read_kept(out.document));
  HEQI_TRY(const CertificateStatus own, p_.certificates.status_of(p_.certificate.der()));
  out.certificates = std::move(kept.certificates);
  out.crls = std::move(kept.crls);
  out.ocsps = std::move(kept.ocsps);
  append(out.certificates, own.certificates);
  append(out.crls, own.crls);
  append(out.ocsps, own.ocsps);
  return out;
}

Result<Bytes> EvidencePackages::make(const evidence::Content& content) {
  HEQI_TRY(evidence::Draft draft, evidence::make_draft(content));
  HEQI_TRY(const Bytes signature, p_.signer.sign(draft.statement));
  HEQI_TRY(const Bytes token, p_.time_stamps.stamp(signature));
  return evidence::finish_package(std::move(draft), p_.certificate, signature, token);
}

Result<Bytes> EvidencePackages::package(const std::string& owner, const std::string& id) {
  HEQI_TRY(const Contract contract, p_.platform.get(owner, id));
  if (contract.state != "complete")
    return fail(Code::conflict, "the contract is " + contract.state);
  HEQI_TRY(std::optional<Bytes> kept, find_kept(id));
  if (kept) return *std::move(kept);
  HEQI_TRY(const evidence::Content content, collect(owner, contract));
  HEQI_TRY(const Bytes made, make(content));
  return keep(id, made);
}

}  // namespace heqi::services::contract
