// heqi/services/mss/transactions.h: signing transactions after GB/T 38646 §6.1 a–k: an application
// asks, one device shows and signs, the application is told; each ends once, and every party hears
// how.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/crypto/sm3.h>
#include <heqi/device/messages.h>
#include <heqi/flow/engine.h>
#include <heqi/services/mss/directory.h>
#include <heqi/services/mss/ports.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::services::mss {

// Limits; docs/limits.md.
inline constexpr std::size_t kDataSizeMax = std::size_t{64} << 20;
inline constexpr std::size_t kTitleSizeMax = 200;
inline constexpr base::Duration kTimeoutMin = std::chrono::seconds(10),
                                kTimeoutDefault = std::chrono::minutes(10),
                                kTimeoutMax = std::chrono::hours(24 * 7);
// kOpenTransactionsMax may wait for one device that takes lists, and one for any other.
inline constexpr std::int64_t kOpenTransactionsMax = 32;

// SignatureRequest is what an application asks (GB/T 38646 §8.1.1). data and signer_id are
// mandatory.
struct SignatureRequest {
  std::string ap_transaction_id;  // of the application, unique with it for ever
  std::string signer_id;
  base::Bytes data;  // what is to be signed, byte for byte
  // cms_attributes, or seal: data is what GB/T 38540 has signed with a seal.
  device::SignatureForm form = device::SignatureForm::cms_attributes;
  std::string title;      // what the device shows above the data
  base::Bytes statement;  // the application's signed statement about the data, for the device
  base::Bytes statement_certificate;     // DER
  std::vector<std::string> trusted_cas;  // whose certificates the application accepts
  base::Duration timeout = kTimeoutDefault;
};

// SignatureResult is what the signer made: the signature over the signed attributes, whose
// messageDigest is SM3(data), and the certificate. With a seal the signature is over data itself,
// and there are no attributes.
struct SignatureResult {
  base::Bytes signed_attributes;  // DER SET OF; empty with a seal
  base::Bytes signature;          // DER SM2Signature
  base::Bytes certificate;        // DER
};
base::Bytes encode_signature_result(const SignatureResult& result);
base::Result<SignatureResult> parse_signature_result(base::ByteView der);

// TransactionStatus is the answer to a status query (§8.1.3).
struct TransactionStatus {
  std::string id, ap_transaction_id;
  device::SignatureForm form = device::SignatureForm::cms_attributes;
  std::string step;   // "accepted", "delivered" (the device has fetched it)
  std::string state;  // "OPEN", "DONE", "FAILED", "EXPIRED", "CANCELLED"
  std::string code;   // why it failed or was cancelled: an error id
  int etsi_status = 0;
  base::Time created_at, deadline;
  std::optional<SignatureResult> result;
};

// Delivery is what a device is given to sign.
struct Delivery {
  std::string id, title;
  base::Bytes data, statement, statement_certificate;
  base::Time deadline;
};

// kFlowKind is the kind of the flows of this service.
inline constexpr std::string_view kFlowKind = "mss.sign";

// kResultTopic is the outbox topic on which an application is told how a transaction ended;
// recipient "ap:ID", payload encode_signature_result where it is done. kDeviceEndTopic tells the
// device: recipient "device:ID".
inline constexpr std::string_view kResultTopic = "mss.result", kDeviceEndTopic = "mss.device_end";

class Transactions {
 public:
  Transactions(sql::Database& database, flow::Engine& engine, Directory& directory,
               base::FileStore& blobs, CertificateCheck& certificates, const base::Clock& clock,
               base::Random& random, base::Log& log);

  // submit takes a request of an application (§6.1 a–d). A repeat with the same ap_transaction_id
  // is answered with the first transaction, whatever has become of it or of the signer. Fails with
  // malformed, limit_exceeded, signer_unknown, signer_no_certificate, signer_busy, revoked,
  // conflict (a repeat with other content); for a seal also with unsupported (data is something
  // else) and seal_unusable (it is not the signer's, or not in force).
  base::Result<TransactionStatus> submit(const std::string& ap_id, const SignatureRequest& request);
  // query fails with not_found for another application's transaction.
  base::Result<TransactionStatus> query(const std::string& ap_id, const std::string& id);
  // cancel ends an open transaction for the application; one that has ended stays as it is.
  base::Result<TransactionStatus> cancel(const std::string& ap_id, const std::string& id,
                                         std::string_view reason);

  // cancel_by_application_id is cancel by the application's own transaction id; not_found where it
  // never came in.
  base::Result<TransactionStatus> cancel_by_application_id(const std::string& ap_id,
                                                           const std::string& ap_transaction_id,
                                                           std::string_view reason);

  // next_for is what waits for a device: the oldest open transaction, or the one that came next
  // after another of the device's (after; not_found). Fetching it again gives it again.
  base::Result<std::optional<Delivery>> next_for(const std::string& device_id,
                                                 const std::string& after = {});
  // complete takes the device's signature (§6.1 h): checked against data and certificate before it
  // counts; with a seal signed_attributes is empty. The same answer again is success; one for an
  // unknown, ended or foreign transaction is refused: not_found, expired, cancelled, conflict.
  base::Status complete(const std::string& device_id, const std::string& id,
                        base::ByteView signed_attributes, base::ByteView signature);
  // refuse ends it from the device: the user cancelled (cancelled), or cannot (an error id such as
  // cosign.pin_locked).
  base::Status refuse(const std::string& device_id, const std::string& id, base::Code reason);
  // end_with_certificate fails the open transactions that were to be signed with a certificate that
  // is revoked now.
  base::Status end_with_certificate(std::string_view ca_id, base::ByteView serial);
  // status_for_device tells a device how one of its transactions stands.
  base::Result<TransactionStatus> status_for_device(const std::string& device_id,
                                                    const std::string& id);

 private:
  struct Stored;
  base::Result<Stored> load(sql::Transaction& tx, const std::string& id);
  base::Result<Stored> load_for_application(sql::Transaction& tx, const std::string& ap_id,
                                            const std::string& id);
  base::Result<Stored> load_for_device(sql::Transaction& tx, const std::string& device_id,
                                       const std::string& id);
  base::Status verify_answer(const Stored& stored, base::ByteView signed_attributes,
                             base::ByteView signature);
  base::Result<TransactionStatus> status_of(sql::Transaction& tx, const Stored& stored);
  base::Status handle_answer(const std::string& device_id, const std::string& id,
                             base::Bytes fingerprint, const flow::Step& step);
  base::Result<std::optional<TransactionStatus>> find_first(const std::string& ap_id,
                                                            const SignatureRequest& request,
                                                            const crypto::Digest& digest);
  base::Result<TransactionStatus> insert(sql::Transaction& tx, const std::string& ap_id,
                                         const SignatureRequest& request,
                                         const crypto::Digest& digest);

  sql::Database& database_;
  flow::Engine& engine_;
  Directory& directory_;
  base::FileStore& blobs_;
  CertificateCheck& certificates_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::mss
