// Time-stamp tokens: making and verifying (RFC 3161 §2.4.2, RFC 5816).
#include <heqi/crypto/sm3.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>

#include <algorithm>

namespace heqi::pki {

namespace oids = x509::oids;

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

Result<Bytes> make_time_stamp_token(const TstInfo& info, const x509::Certificate& authority,
                                    const TokenOptions& options, x509::Signer& signer) {
  const Bytes content = encode_tst_info(info);
  const asn1::Oid hash = options.digest_algorithm.value_or(oids::sm3());
  const Sm3Digester sm3;
  const Digester& digests = options.digests == nullptr ? sm3 : *options.digests;
  x509::SignedAttributes attributes;
  attributes.content_type = oids::tst_info();
  HEQI_TRY(attributes.message_digest, digests.digest(hash, content));
  attributes.signing_time = info.time;
  attributes.signing_certificate = x509::make_reference(authority);
  attributes.signing_certificate->hash_algorithm = hash;
  HEQI_TRY(attributes.signing_certificate->hash, digests.digest(hash, authority.der()));

  SignedDataParts parts;
  parts.profile = options.profile;
  parts.content_type = oids::tst_info();
  parts.digest_algorithm = hash;
  parts.content = content;
  parts.certificates = options.certificates;
  parts.send_certificates = options.send_certificates;
  parts.signature_algorithm = signer.algorithm();
  HEQI_TRY(parts.signed_attributes, x509::encode_signed_attributes(attributes));
  HEQI_TRY(parts.signature, signer.sign(parts.signed_attributes));
  return assemble_signed_data(parts, authority);
}

namespace {

// check_purpose: timeStamping is critical and the only purpose (RFC 3161 §2.3).
base::Status check_purpose(const x509::Certificate& authority) {
  const x509::Extension* extension = authority.find_extension(oids::extended_key_usage());
  const std::vector<asn1::Oid>& purposes = authority.extended_key_usage();
  if (extension == nullptr || !extension->critical || purposes.size() != 1 ||
      !(purposes[0] == oids::purpose_time_stamping()))
    return base::fail(Code::untrusted,
                      "the certificate is not for time-stamps only, stated as critical");
  if (!authority.allows(x509::KeyUsageBit::digital_signature) &&
      !authority.allows(x509::KeyUsageBit::non_repudiation))
    return base::fail(Code::untrusted, "the authority's key usage does not allow signatures");
  return {};
}

base::Status check_info(const TstInfo& info, const Content& data, const TokenCheck& check,
                        const Algorithms& algorithms) {
  HEQI_TRY(const Bytes imprint, algorithms.digests.digest_of(info.hash_algorithm, data));
  if (imprint != info.imprint)
    return base::fail(Code::invalid_signature, "the time-stamp is over other data");
  if (!check.nonce.empty() && !base::same_bytes(check.nonce, info.nonce))
    return base::fail(Code::conflict, "the nonce of the time-stamp is not that of the request");
  if (!check.policies.empty() &&
      std::find(check.policies.begin(), check.policies.end(), info.policy) == check.policies.end())
    return base::fail(Code::untrusted, "time-stamp policy " + info.policy.dotted());
  return {};
}

}  // namespace

Result<TimeStampEvidence> verify_time_stamp_token(ByteView token, const Content& data,
                                                  const TokenCheck& check,
                                                  const Algorithms& algorithms) {
  HEQI_TRY(SignedData message, parse_signed_data(token));
  if (!(message.content_type == oids::tst_info()) || !message.content)
    return base::fail(Code::malformed, "a message that is not a time-stamp token");
  if (message.signers.size() != 1)
    return base::fail(Code::malformed, "a time-stamp token of several signers");
  HEQI_TRY(TstInfo info, parse_tst_info(*message.content));
  HEQI_TRY(check_info(info, data, check, algorithms));

  MessageCheck message_check;
  message_check.certificates = check.certificates;
  HEQI_TRY(MessageEvidence signer, verify_encapsulated(message, message_check, algorithms));
  HEQI_TRY(check_purpose(signer.signer));
  if (!signer.certificate_bound)
    return base::fail(Code::invalid_signature,
                      "the time-stamp does not name its certificate (ESSCertID)");
  if (!signer.signer.is_valid_at(info.time))
    return base::fail(Code::untrusted, "the authority's certificate was not valid at genTime");

  TimeStampEvidence evidence;
  if (check.trust != nullptr) {
    PathOptions options = check.path;
    options.at = info.time;
    if (options.now == base::Time()) options.now = check.path.at;
    options.purpose = oids::purpose_time_stamping();
    for (const x509::Certificate& certificate : message.certificates)
      options.intermediates.push_back(certificate);
    for (const Bytes& der : message.crls)
      if (Result<Crl> crl = parse_crl(der)) options.crls.push_back(*std::move(crl));
    evidence.path = validate_path(signer.signer, *check.trust, options, algorithms);
  }
  evidence.info = std::move(info);
  evidence.authority = std::move(signer.signer);
  evidence.token = base::to_bytes(token);
  evidence.signed_octets = std::move(signer.signed_octets);
  evidence.signature = std::move(signer.signature);
  evidence.deviations = std::move(signer.deviations);
  return evidence;
}

}  // namespace heqi::pki
