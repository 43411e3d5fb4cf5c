// The program that dies: issues, publishes, revokes, lists and recovers, and writes down what it
// was told (acks) and what the real key signed (signed). Every step may be repeated at a new start.
#include <fstream>
#include <iostream>

#include "house.h"

namespace heqi::pki_crash {
namespace {

// Notes are lines of a file that outlive the process.
void note(const std::string& folder, const std::string& file, const std::string& line) {
  std::ofstream(folder + "/" + file, std::ios::app) << line << "\n" << std::flush;
}

// WitnessedSigner writes down what the real key is about to sign.
class WitnessedSigner final : public x509::Signer {
 public:
  WitnessedSigner(x509::Signer& below, std::string folder)
      : below_(below), folder_(std::move(folder)) {}
  x509::AlgorithmIdentifier algorithm() const override { return below_.algorithm(); }
  base::Result<base::Bytes> sign(base::ByteView message) override {
    note(folder_, "signed", base::to_hex(message));
    return below_.sign(message);
  }

 private:
  x509::Signer& below_;
  std::string folder_;
};

base::Status issue_all(House& house, const std::string& folder,
                       std::vector<x509::Certificate>& made) {
  for (int i = 0; i < kRequests; ++i) {
    const auto issued = house.authority->issue(house.request(i));
    if (!issued && issued.error().code == base::Code::revoked) {  // of an earlier start
      made.emplace_back();
      continue;
    }
    if (!issued) return issued.error();
    note(folder, "acks", "issued r" + std::to_string(i) + " " + base::to_hex(issued->serial()));
    HEQI_TRY(house.authority->publish(issued->serial()));
    made.push_back(*issued);
  }
  return {};
}

base::Status make_pair(House& house, const std::string& folder, const x509::Certificate& of) {
  HEQI_TRY(const services::kmc::Delivery delivery,
           house.centre->make("k0", "r0", house.holders[0]->private_key.public_key()));
  note(folder, "acks", "key k0 " + base::to_hex(delivery.public_key.key));
  HEQI_TRY(const x509::Certificate pair,
           house.authority->issue_encryption({.request_id = "p0",
                                              .signature_serial = of.serial(),
                                              .public_key = delivery.public_key}));
  note(folder, "acks", "issued p0 " + base::to_hex(pair.serial()));
  return house.authority->publish(pair.serial());
}

// make_for_other makes the one key that was agreed with another organisation's authority.
base::Status make_for_other(House& house, const std::string& folder) {
  HEQI_TRY(house.authorities->serve("ca-1", 1, "officer 1"));
  HEQI_TRY(const services::kmc::Delivery delivery,
           house.centre->make_for("ca-1", "k1", "r1", house.holders[1]->private_key.public_key()));
  note(folder, "acks", "key k1 " + base::to_hex(delivery.public_key.key));
  return {};
}

base::Status end_some(House& house, const std::string& folder,
                      const std::vector<x509::Certificate>& made) {
  if (!made[1].der().empty()) {
    HEQI_TRY(house.authority->revoke(made[1].serial(), pki::RevocationReason::key_compromise));
    note(folder, "acks", "revoked r1 " + base::to_hex(made[1].serial()));
  }
  HEQI_TRY(house.authority->suspend(made[2].serial()));
  HEQI_TRY(house.authority->release(made[2].serial()));
  HEQI_TRY(house.authority->crl());
  HEQI_TRY(house.authority->delta_crl());
  return {};
}

base::Status recover(House& house, const std::string& folder) {
  HEQI_TRY(const std::string recovery,
           house.centre->ask_recovery({.key_id = "k0",
                                       .asked_by = "desk",
                                       .reason = "lost",
                                       .receiver = house.new_device.private_key.public_key()}));
  HEQI_TRY(house.centre->approve(recovery, "officer 1"));
  HEQI_TRY(house.centre->approve(recovery, "officer 2"));
  HEQI_TRY(const services::kmc::Delivery delivery, house.centre->recover(recovery));
  note(folder, "acks", "recovered " + recovery + " " + base::to_hex(delivery.public_key.key));
  return {};
}

base::Status run(const std::string& folder) {
  House house;
  WitnessedSigner signer(house.issuing.signer, folder);
  HEQI_TRY(house.open(folder, signer));
  std::vector<x509::Certificate> made;
  HEQI_TRY(issue_all(house, folder, made));
  HEQI_TRY(make_pair(house, folder, made[0]));
  HEQI_TRY(make_for_other(house, folder));
  HEQI_TRY(end_some(house, folder, made));
  return recover(house, folder);
}

}  // namespace
}  // namespace heqi::pki_crash

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const heqi::base::Status done = heqi::pki_crash::run(argv[1]);
  if (done) return 0;
  std::cerr << heqi::base::to_line(done.error()) << "\n";
  return 1;
}
