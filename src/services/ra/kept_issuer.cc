#include <heqi/services/ra/kept_issuer.h>

#include <heqi/crypto/sm3.h>

namespace heqi::services::ra {
namespace {

base::Result<std::optional<base::Bytes>> find_kept(sql::Transaction& tx, const std::string& id,
                                                   base::ByteView request_digest) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT request_digest, certificate FROM ra_external_certificates "
                       "WHERE application = ?1",
                       id));
  if (!row) return std::optional<base::Bytes>();
  if (!base::same_bytes(row->bytes(0), request_digest))
    return base::fail(base::Code::conflict, "the application was certified for another request");
  return std::optional<base::Bytes>(row->bytes(1));
}

}  // namespace

base::Result<base::Bytes> KeptIssuer::issue(const Application& application, base::ByteView csr) {
  const crypto::Digest request = crypto::sm3(csr);
  HEQI_TRY(const std::optional<base::Bytes> kept,
           database_.with_snapshot(
               [&](sql::Transaction& tx) { return find_kept(tx, application.id, request); }));
  if (kept) return *kept;
  HEQI_TRY(const base::Bytes made, other_.issue(application, csr));
  HEQI_TRY(std::optional<base::Bytes> told,
           database_.with_transaction(
               [&](sql::Transaction& tx) -> base::Result<std::optional<base::Bytes>> {
                 HEQI_TRY(tx.execute(
                     "INSERT INTO ra_external_certificates (application, "
                     "authority, request_digest, certificate, recorded_at) "
                     "VALUES (?1, ?2, ?3, ?4, ?5) "
                     "ON CONFLICT (application) DO NOTHING",
                     application.id, authority_, base::ByteView(request), made, clock_.now()));
                 return find_kept(tx, application.id, request);
               }));
  return *std::move(told);
}

}  // namespace heqi::services::ra
