// The manifest's signature: by the platform, of a root that is trusted, at a time that is stamped.
#include <algorithm>

#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::evidence {

namespace oids = x509::oids;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

// kPlatformNameEnd: the platform's certificate is named after the installation's organization.
constexpr std::string_view kPlatformNameEnd = " Contracts";

// is_platform tells a platform's certificate from the others of its root, which persons, devices
// and services have: none of them may speak for the platform.
bool is_platform(const x509::Certificate& signer, const x509::Certificate& root) {
  const auto& purposes = signer.extended_key_usage();
  const auto organization = root.subject().find(oids::organization());
  return purposes.size() == 1 && purposes[0] == oids::purpose_client_auth() && !signer.is_ca() &&
         signer.key_usage() && signer.key_usage()->has(x509::KeyUsageBit::digital_signature) &&
         organization && signer.subject().find(oids::organization()) == organization &&
         signer.subject().find(oids::common_name()) ==
             *organization + std::string(kPlatformNameEnd);
}

// Signed is a message whose signature value holds, in the one form that it has.
struct Signed {
  pki::MessageEvidence evidence;
  Bytes token;
};

Result<Signed> verify_message(const Judgement& on, ByteView manifest, ByteView message) {
  if (message.size() > kStatementSizeMax) return fail(Code::limit_exceeded, "the signature's size");
  HEQI_TRY(const pki::SignedData parsed, pki::parse_signed_data(message));
  const Bytes statement = statement_over(manifest);
  HEQI_TRY(pki::MessageEvidence evidence,
           pki::verify_signed_data(parsed, statement, {}, on.check.algorithms));
  if (!evidence.time_stamp_token) return fail(Code::invalid_signature, "it has no time-stamp");
  Bytes token = *evidence.time_stamp_token;
  HEQI_TRY(const Bytes form,
           encode_signature(statement, evidence.signer, evidence.signature, token));
  if (!base::same_bytes(form, message))
    return fail(Code::invalid_signature, "the message has another form than the platform's");
  return Signed{std::move(evidence), std::move(token)};
}

// judge_time gives the time of the token over the signature; nullopt where it does not hold.
std::optional<base::Time> judge_time(Judgement& on, const Signed& message) {
  pki::TokenCheck check;
  check.trust = &on.check.trust;
  check.path = on.path_options();
  const auto stamped = pki::verify_time_stamp_token(message.token, message.evidence.signature,
                                                    check, on.check.algorithms);
  if (!stamped) {
    on.find(Fault::signature_invalid, kSignatureName, "time-stamp: " + stamped.error().detail);
    return std::nullopt;
  }
  if (stamped->path->status != pki::PathStatus::trusted)
    on.find(fault_of(stamped->path->status, Fault::signature_invalid, Fault::signature_untrusted),
            kSignatureName, "time-stamp: " + stamped->path->reason);
  return stamped->info.time;
}

void judge_chain(Judgement& on, const x509::Certificate& signer, base::Time at) {
  pki::PathOptions options = on.path_options();
  options.at = at;
  options.usage_any_of = {x509::KeyUsageBit::digital_signature};
  options.purpose = oids::purpose_client_auth();
  const pki::PathResult path =
      pki::validate_path(signer, on.check.trust, options, on.check.algorithms);
  if (path.status != pki::PathStatus::trusted)
    on.find(fault_of(path.status, Fault::signature_invalid, Fault::signature_untrusted),
            kSignatureName, path.reason);
  else if (!is_platform(signer, path.chain.back()))
    on.find(Fault::signature_not_platform, kSignatureName,
            verify::identity_of(signer).subject + " is not the platform");
}

}  // namespace

void judge_signature(Judgement& on) {
  const Result<ByteView> manifest = on.package.read(kManifestName);
  const Result<ByteView> message = on.package.read(kSignatureName);
  for (const Result<ByteView>* one : {&manifest, &message})
    if (!*one) return on.find(Fault::signature_invalid, kSignatureName, one->error().detail);
  const Result<Signed> held = verify_message(on, *manifest, *message);
  if (!held) return on.find(Fault::signature_invalid, kSignatureName, held.error().detail);
  const auto at = judge_time(on, *held);
  if (!at) return;
  judge_chain(on, held->evidence.signer, *at);
  on.report.signer = verify::identity_of(held->evidence.signer);
  on.report.signed_at = at;
}

}  // namespace heqi::documents::evidence
