// heqi/services/contract/ports.h: what the contract platform needs of others; program/ wires it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/documents/pdf/sign.h>
#include <heqi/sql/database.h>

namespace heqi::services::contract {

// SigningRequest is what the platform, as an application, asks of the mobile signature service.
struct SigningRequest {
  std::string transaction;  // the platform's own id, unique
  std::string person_id;
  std::string title;
  base::Bytes data;
  base::Duration timeout;
};

// Signed is what the signer's device made. The certificate's subject states the person's id as its
// serialNumber.
struct Signed {
  base::Bytes signed_attributes, signature, certificate;  // DER
};

// SignatureService is the mobile signature service as this application sees it.
class SignatureService {
 public:
  virtual ~SignatureService() = default;
  // submit returns the service's transaction id; a repeat of the same transaction returns the same.
  virtual base::Result<std::string> submit(const SigningRequest& request) = 0;
  // cancel ends what submit began, named by the platform's own transaction.
  virtual base::Status cancel(const std::string& transaction, std::string_view reason) = 0;
};

// TimeStamps is a time-stamp authority.
class TimeStamps {
 public:
  virtual ~TimeStamps() = default;
  // stamp returns a verified token over data. Fails with time_untrusted or unavailable.
  virtual base::Result<base::Bytes> stamp(base::ByteView data) = 0;
  // time_of verifies a token again and gives its time. Fails with invalid_signature where it is not
  // over data, time_untrusted where it is not of this authority, malformed.
  virtual base::Result<base::Time> time_of(base::ByteView token, base::ByteView data) = 0;
};

// CertificateStatus is a certificate with those above it, and what says that they are good now;
// DER.
struct CertificateStatus {
  std::vector<base::Bytes> certificates, crls, ocsps;
};

// CertificateService knows chains and status.
class CertificateService {
 public:
  virtual ~CertificateService() = default;
  // check asks OCSP now: revoked, expired, untrusted, unavailable (ECP-CON-7).
  virtual base::Status check(base::ByteView certificate) = 0;
  // chain_of are the certificates above certificate, the root last.
  virtual base::Result<std::vector<base::Bytes>> chain_of(base::ByteView certificate) = 0;
  // status_of collects what proves a certificate later; the errors of check.
  virtual base::Result<CertificateStatus> status_of(base::ByteView certificate) = 0;
  // validation_data collects certificates, CRLs and OCSP answers for what a file's signatures and
  // time-stamps need.
  virtual base::Result<documents::pdf::ValidationData> validation_data(base::ByteView pdf) = 0;
};

// UploadInspection says whether a file may become a contract.
class UploadInspection {
 public:
  virtual ~UploadInspection() = default;
  // inspect fails with document_not_pdf, document_encrypted, document_active_content,
  // document_readers_disagree, limit_exceeded, conflict (signed already), malformed. It returns the
  // number of pages.
  virtual base::Result<int> inspect(base::ByteView file) = 0;
};

// Handwriting is a signature drawn by hand: strokes of points in a field of width × height, from
// the top left corner. No strokes: none was drawn.
struct Handwriting {
  struct Point {
    int x = 0, y = 0;
  };
  int width = 0, height = 0;
  std::vector<std::vector<Point>> strokes;
};
// Limits; docs/limits.md.
inline constexpr int kHandwritingSideMax = 4096;
inline constexpr std::size_t kStrokesMax = 100, kStrokePointsMax = 4000;  // points of all strokes

// Appearances draws visible signatures.
class Appearances {
 public:
  virtual ~Appearances() = default;
  virtual base::Result<documents::pdf::Appearance> draw(const std::string& signer, base::Time time,
                                                        const std::string& code,
                                                        const Handwriting& handwriting,
                                                        double width_points,
                                                        double height_points) = 0;
};

// LegalService is one to which a party may have the evidence package handed.
struct LegalService {
  std::string name;     // its name in this installation
  std::string title;    // what people call it
  std::string address;  // https://…
};

// LegalParcel is what a legal service gets.
struct LegalParcel {
  std::string id;         // the same id is the same parcel, told again
  std::string statement;  // JSON: who consented to what, and which package this is (handover.h)
  base::Bytes token;      // a time-stamp over the statement
  base::Bytes package;
};

// LegalServices are those that the operator has set.
class LegalServices {
 public:
  virtual ~LegalServices() = default;
  virtual std::vector<LegalService> list() const = 0;
  // hand gives parcel to the service of that name; success once it says that it has it. Fails with
  // denied where it wants it never again, with unavailable, timeout, untrusted where it is to be
  // tried again.
  virtual base::Status hand(const std::string& name, const LegalParcel& parcel) = 0;
};

// Person is a party as the platform knows it.
struct Person {
  std::string id, name;
  bool verified = false;
};

// People knows persons.
class People {
 public:
  virtual ~People() = default;
  virtual base::Result<Person> find(const std::string& person_id) = 0;
};

// News is what people are told.
struct News {
  enum class Kind { invitation, reminder, completed, declined, withdrawn, expired, signing_failed };
  Kind kind;
  std::string id;  // the same id is told once
  std::string contract_id, title, by, reason;
  std::string link;  // of a party's invitation, reminder, completion: the path after the address
  std::optional<base::Time> until;
};

// Notices tells people; the message leaves with the transaction.
class Notices {
 public:
  virtual ~Notices() = default;
  virtual base::Status tell_person(sql::Transaction& tx, const std::string& person_id,
                                   const News& news) = 0;
  virtual base::Status tell_owner(sql::Transaction& tx, const std::string& owner,
                                  const News& news) = 0;
};

}  // namespace heqi::services::contract
