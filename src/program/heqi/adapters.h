// adapters.h: the services' ports, each answered by another service or by the key centre.
#pragma once
#include <functional>

#include <heqi/api/api.h>
#include <heqi/documents/appearance/font.h>
#include <heqi/keys/module_client.h>
#include <heqi/pki/path.h>
#include <heqi/services/mobile/certificate_flows.h>

#include "application_news.h"

namespace heqi::program {

// kApplicationId is the contract platform's id as an application; kCaId that of the embedded CA.
inline constexpr std::string_view kApplicationId = "heqi-contracts", kCaId = "heqi";

// KeyCentre is heqi-module for the mobile signature service.
class KeyCentre final : public services::mss::KeyCentre {
 public:
  // tenant is whose master keys the keys of the platform's devices are derived from.
  KeyCentre(keys::ModuleClient& module, std::string tenant)
      : module_(module), tenant_(std::move(tenant)) {}
  base::Result<services::mss::KeyCentreEnds> bind_device(const std::string& device_id,
                                                         base::ByteView channel_public_key,
                                                         base::ByteView channel_id) override;
  base::Result<base::SecretBytes> mac(std::string_view name, base::ByteView message) override;
  base::Result<std::vector<services::mss::EndedKey>> ended_keys() override;
  base::Status heard_ended(const std::vector<std::string>& key_ids) override;
  base::Status order_wipe(const std::string& device_id) override;
  base::Status end_key(const std::string& device_id, base::ByteView public_key) override;

 private:
  keys::ModuleClient& module_;
  std::string tenant_;
};

// SubjectSource makes certificate subjects of verified persons.
class SubjectSource final : public services::mss::People {
 public:
  explicit SubjectSource(services::identity::Persons& persons) : persons_(persons) {}
  base::Result<base::Bytes> subject_of(const std::string& person_id) override;

 private:
  services::identity::Persons& persons_;
};

// EmbeddedAuthority is the installation's own CA for the mobile signature service. Certificates in
// use go the way of §8.3, which connect opens.
class EmbeddedAuthority final : public services::mss::CertificateAuthority {
 public:
  EmbeddedAuthority(services::ca::Authority& authority, const services::ca::Hierarchy& hierarchy,
                    SubjectSource& subjects)
      : authority_(authority), hierarchy_(hierarchy), subjects_(subjects) {}
  base::Result<services::mss::Issued> issue(const std::string& request_id,
                                            const std::string& person_id,
                                            base::ByteView csr) override;
  base::Status refuse(const std::string& request_id) override;
  base::Status publish(const services::mss::Issued& issued) override;
  base::Status withdraw(const services::mss::Issued& issued) override;
  // connect makes the connection of the service where there is none yet; before anything is
  // revoked or updated.
  base::Status connect(services::mobile::Connections& connections,
                       services::mobile::CertificateFlows& flows);
  base::Status revoke(const services::mss::RevocationOrder& order) override;
  base::Result<services::mss::StartedUpdate> start_update(
      const services::mss::UpdateStart& start) override;
  base::Status decline_update(const std::string& prompt) override;
  base::Result<services::mss::Issued> update(const std::string& flow, base::ByteView csr,
                                             base::ByteView signature) override;
  base::Status publish_update(const std::string& flow) override;
  base::Status abandon_update(const std::string& flow) override;
  std::vector<base::Bytes> anchors() override;

 private:
  services::ca::Authority& authority_;
  const services::ca::Hierarchy& hierarchy_;
  base::Status enter(const services::mss::InUse& certificate, base::ByteView serial);

  SubjectSource& subjects_;
  services::mobile::CertificateFlows* flows_ = nullptr;
};

// take_authority_message is what the CA tells this installation's own service (§8.3): a prompt, an
// activation, which the service has already, or how a flow ended.
base::Status take_authority_message(services::mss::Updates& updates, const flow::Message& message);

// Register is the CA's register for the OCSP responder.
class Register final : public services::ocsp::StandingSource {
 public:
  explicit Register(services::ca::Authority& authority) : authority_(authority) {}
  base::Result<services::ocsp::Standing> standing(base::ByteView serial) override;

 private:
  services::ca::Authority& authority_;
};

// Trust judges certificates and time-stamps of this installation over the network, as any relying
// party would.
class Trust final : public services::mss::CertificateCheck,
                    public services::contract::CertificateService,
                    public services::contract::TimeStamps {
 public:
  Trust(const services::ca::Hierarchy& hierarchy, std::string time_stamp_url, base::Fetch& fetch,
        const base::Clock& clock, base::Random& random);

  base::Status check(base::ByteView certificate) override;
  base::Result<std::vector<base::Bytes>> chain_of(base::ByteView certificate) override;
  base::Result<services::contract::CertificateStatus> status_of(
      base::ByteView certificate) override;
  base::Result<documents::pdf::ValidationData> validation_data(base::ByteView pdf) override;
  base::Result<base::Bytes> stamp(base::ByteView data) override;
  base::Result<base::Time> time_of(base::ByteView token, base::ByteView data) override;

  const pki::TrustStore& anchors() const { return anchors_; }
  pki::Algorithms algorithms() const { return {*verifier_, digester_}; }

 private:
  pki::PathResult path_of(const x509::Certificate& certificate) const;
  base::Result<base::Time> check_token(base::ByteView token, base::ByteView data,
                                       base::Bytes nonce) const;

  const services::ca::Hierarchy& hierarchy_;
  std::string time_stamp_url_;
  base::Fetch& fetch_;
  const base::Clock& clock_;
  base::Random& random_;
  pki::TrustStore anchors_;
  std::unique_ptr<x509::SignatureVerifier> verifier_;
  class OsslDigester final : public pki::Digester {
   public:
    base::Result<base::Bytes> digest(const asn1::Oid& algorithm,
                                     base::ByteView data) const override;
  } digester_;
};

// ContractSignatures lets the contract platform ask the mobile signature service as an application.
class ContractSignatures final : public services::contract::SignatureService {
 public:
  ContractSignatures(services::mss::Transactions& transactions, x509::Signer& application,
                     const x509::Certificate& certificate, const base::Clock& clock)
      : transactions_(transactions),
        application_(application),
        certificate_(certificate),
        clock_(clock) {}
  base::Result<std::string> submit(const services::contract::SigningRequest& request) override;
  base::Status cancel(const std::string& transaction, std::string_view reason) override;

 private:
  services::mss::Transactions& transactions_;
  x509::Signer& application_;
  const x509::Certificate& certificate_;
  const base::Clock& clock_;
};

// WorkerInspection parses uploads in a process of its own, without network, files and new
// processes.
class WorkerInspection final : public services::contract::UploadInspection {
 public:
  base::Result<int> inspect(base::ByteView file) override;
};

// Drawings makes visible signatures.
class Drawings final : public services::contract::Appearances {
 public:
  explicit Drawings(documents::appearance::Font font) : font_(std::move(font)) {}
  base::Result<documents::pdf::Appearance> draw(const std::string& signer, base::Time time,
                                                const std::string& code,
                                                const services::contract::Handwriting& handwriting,
                                                double width_points, double height_points) override;

 private:
  documents::appearance::Font font_;
};

// Parties knows persons for the contract platform.
class Parties final : public services::contract::People {
 public:
  explicit Parties(services::identity::Persons& persons) : persons_(persons) {}
  base::Result<services::contract::Person> find(const std::string& person_id) override;

 private:
  services::identity::Persons& persons_;
};

// News writes notices to people and messages to applications.
class News final : public services::contract::Notices {
 public:
  News(services::identity::Persons& persons, services::identity::Accounts& accounts,
       services::notify::Notifier& notifier, ApplicationNews& applications, std::string public_url,
       std::string signing_url)
      : persons_(persons),
        accounts_(accounts),
        notifier_(notifier),
        applications_(applications),
        public_url_(std::move(public_url)),
        signing_url_(std::move(signing_url)) {}
  base::Status tell_person(sql::Transaction& tx, const std::string& person_id,
                           const services::contract::News& news) override;
  base::Status tell_owner(sql::Transaction& tx, const std::string& owner,
                          const services::contract::News& news) override;
  // tell_certificate tells a person what becomes of their certificate.
  base::Status tell_certificate(sql::Transaction& tx, const services::mss::CertificateNews& news);
  // tell_code_void tells a person that an authorisation code can no longer be used.
  base::Status tell_code_void(sql::Transaction& tx, const std::string& person_id,
                              const std::string& code_id);

 private:
  base::Result<services::notify::Notice> notice_of(const services::contract::News& news,
                                                   const std::string& recipient);
  std::string name_of(const std::string& owner);

  services::identity::Persons& persons_;
  services::identity::Accounts& accounts_;
  services::notify::Notifier& notifier_;
  ApplicationNews& applications_;
  std::string public_url_, signing_url_;
};

}  // namespace heqi::program
