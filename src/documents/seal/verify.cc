#include <heqi/documents/seal/verify.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/value.h>
#include <heqi/x509/oids.h>

namespace heqi::documents::seal {

namespace oids = x509::oids;
using base::Bytes;
using base::ByteView;

std::string_view name_of(Step step) {
  constexpr std::string_view names[] = {
      "format",        "data_hash",      "signature",         "signer_certificate",
      "signer_listed", "seal_signature", "maker_certificate", "seal_period",
      "seal_status",   "time_stamp",     "picture",           "versions"};
  return names[static_cast<std::size_t>(step)];
}

std::string_view name_of(Outcome outcome) {
  constexpr std::string_view names[] = {"passed", "failed", "unproved", "not_asked"};
  return names[static_cast<std::size_t>(outcome)];
}

bool SealJudgement::holds() const {
  return std::all_of(steps.begin(), steps.end(), [](const StepResult& one) {
    return one.outcome == Outcome::passed || one.outcome == Outcome::not_asked;
  });
}

namespace {

StepResult passed() {
  return {Outcome::passed, {}};
}
StepResult failed(std::string why) {
  return {Outcome::failed, std::move(why)};
}
StepResult unproved(std::string why) {
  return {Outcome::unproved, std::move(why)};
}
StepResult result_of(const base::Status& status) {
  return status ? passed() : failed(base::to_line(status.error()));
}

// Value is a signature value in the form that the verifier takes.
struct Value {
  x509::AlgorithmIdentifier algorithm;
  Bytes octets;
};

// value_of translates the dialects of SM2; other keys' values are taken as they stand.
base::Result<Value> value_of(const x509::Certificate& certificate, const asn1::Oid& algorithm,
                             ByteView signature, Deviations& deviations) {
  if (!certificate.public_key().is_sm2()) return Value{{algorithm}, base::to_bytes(signature)};
  HEQI_TRY(SignatureValue value, read_sm2_value(signature));
  deviations.add(value.deviations);
  const bool usual = algorithm == oids::sm2_with_sm3() || algorithm == oids::sm2_sign();
  if (!usual) deviations.add(Deviation::algorithm_named_otherwise);
  const bool sm2 = usual || algorithm == oids::sm2_curve();
  if (!sm2)
    return base::fail(base::Code::unsupported,
                      "algorithm " + algorithm.dotted() + " of an SM2 key");
  return Value{x509::sm2_with_sm3_algorithm(), std::move(value.der)};
}

const asn1::Oid& digest_of(const asn1::Oid& algorithm) {
  const bool sha256 =
      algorithm == oids::rsa_with_sha256() || algorithm == oids::ecdsa_with_sha256();
  return sha256 ? oids::sha256() : oids::sm3();
}

StepResult of_path(const pki::PathResult& path) {
  switch (path.status) {
    case pki::PathStatus::trusted:
      return passed();
    case pki::PathStatus::revoked:
    case pki::PathStatus::wrong_usage:
      return failed(path.reason);
    default:
      return unproved(path.reason);
  }
}

class Judge {
 public:
  Judge(const SealCheck& check, const pki::Algorithms& algorithms)
      : check_(check), algorithms_(algorithms) {}

  // take_chain notes certificates that a structure brings along; none is trusted for that.
  void take_chain(const std::vector<ExtensionData>& extensions) {
    const auto found = find_certificate_values(extensions);
    chain_.insert(chain_.end(), found.begin(), found.end());
  }

  void sealed(const SealedSignature& sealed, const pki::Content& data) {
    out_.deviations.add(sealed.deviations);
    out_.at(Step::format) = passed();
    data_hash(sealed, data);
    signature(sealed);
    time_stamp(sealed);
    signer_certificate(sealed);
    signer_listed(sealed);
    seal(sealed.seal, sealed.claimed_time);
    versions(sealed);
  }

  void seal(const Seal& seal, std::optional<base::Time> claimed) {
    out_.deviations.add(seal.deviations);
    out_.at(Step::format) = passed();
    seal_signature(seal);
    maker_certificate();
    seal_period(seal, claimed);
    seal_status(seal);
    picture(seal);
    seal_version(seal);
  }

  SealJudgement take() { return std::move(out_); }

 private:
  // reference is the time for which questions are asked: what is proved, else now.
  base::Time reference() const { return out_.proved_time.value_or(check_.now); }

  void data_hash(const SealedSignature& sealed, const pki::Content& data) {
    const auto digest = algorithms_.digests.digest_of(digest_of(sealed.algorithm), data);
    if (!digest) {
      out_.at(Step::data_hash) = unproved(base::to_line(digest.error()));
      return;
    }
    const bool same = base::same_bytes(*digest, sealed.data_hash);
    out_.at(Step::data_hash) = same ? passed() : failed("the hash is of other data");
  }

  void signature(const SealedSignature& sealed) {
    auto certificate = x509::parse_certificate(sealed.certificate);
    if (!certificate) {
      out_.at(Step::signature) = failed("the signer's certificate cannot be read");
      return;
    }
    out_.signer = *std::move(certificate);
    const auto value = value_of(*out_.signer, sealed.algorithm, sealed.signature, out_.deviations);
    out_.at(Step::signature) =
        value ? verified(*value, *out_.signer, sealed.to_sign) : failed_value(value.error());
  }

  StepResult verified(const Value& value, const x509::Certificate& by, ByteView octets) const {
    const base::Status good =
        algorithms_.signatures.verify(value.algorithm, by.public_key(), octets, value.octets);
    return good ? passed() : failed_value(good.error());
  }
  static StepResult failed_value(const base::Error& error) {
    return error.code == base::Code::unsupported ? unproved(base::to_line(error))
                                                 : failed(base::to_line(error));
  }

  void time_stamp(const SealedSignature& sealed) {
    out_.proved_time = check_.proved_before;
    if (!sealed.time_stamp) return;
    pki::TokenCheck wanted;
    wanted.trust = &check_.trust;
    wanted.path = check_.path;
    wanted.path.now = check_.now;
    auto token =
        pki::verify_time_stamp_token(*sealed.time_stamp, sealed.signature, wanted, algorithms_);
    StepResult& step = out_.at(Step::time_stamp);
    if (!token) {
      step = failed(base::to_line(token.error()));
      return;
    }
    out_.time_stamp = *std::move(token);
    step = order(sealed);
    if (step.outcome != Outcome::passed) return;
    out_.proved_time = std::min(out_.time_stamp->info.time, reference());
  }

  // order: trusted, not from the future, and not before the time that the signer claims.
  StepResult order(const SealedSignature& sealed) const {
    const pki::TimeStampEvidence& token = *out_.time_stamp;
    if (token.info.time > check_.now + check_.clock_skew)
      return failed("the time-stamp is from the future");
    if (token.info.time > reference() + check_.clock_skew)
      return failed("a later time-stamp is from an earlier time");
    if (sealed.claimed_time && *sealed.claimed_time > token.info.time + check_.clock_skew)
      return failed("the signer claims a time after the time-stamp");
    if (!token.path || token.path->status != pki::PathStatus::trusted)
      return unproved("the authority of the time-stamp is not trusted");
    if (token.authority.not_after() < reference())
      return unproved("the authority's certificate ended");
    return passed();
  }

  pki::PathOptions path_options() const {
    pki::PathOptions options = check_.path;
    options.intermediates.insert(options.intermediates.end(), chain_.begin(), chain_.end());
    options.at = reference();
    options.now = check_.now;
    options.usage_any_of = {x509::KeyUsageBit::digital_signature,
                            x509::KeyUsageBit::non_repudiation};
    return options;
  }

  void signer_certificate(const SealedSignature& sealed) {
    StepResult& step = out_.at(Step::signer_certificate);
    if (!out_.signer) {
      step = failed("the signer's certificate cannot be read");
      return;
    }
    out_.signer_path = pki::validate_path(*out_.signer, check_.trust, path_options(), algorithms_);
    step = of_path(*out_.signer_path);
    const bool future = sealed.claimed_time && !out_.proved_time &&
                        *sealed.claimed_time > check_.now + check_.clock_skew;
    if (future) step = failed("the signer claims a time in the future");
  }

  void signer_listed(const SealedSignature& sealed) {
    const bool listed = out_.signer && lists(sealed.seal.info.signers, *out_.signer);
    out_.at(Step::signer_listed) =
        listed ? passed() : failed("the seal does not list the signer's certificate");
  }

  void seal_signature(const Seal& seal) {
    StepResult& step = out_.at(Step::seal_signature);
    auto maker = x509::parse_certificate(seal.certificate);
    if (!maker) {
      step = failed("the maker's certificate cannot be read");
      return;
    }
    out_.maker = *std::move(maker);
    const auto value = value_of(*out_.maker, seal.algorithm, seal.signature, out_.deviations);
    if (!value) {
      step = failed_value(value.error());
      return;
    }
    const bool wide = seal.layout == Layout::v1;
    step = verified(*value, *out_.maker, wide ? seal.wide_der : seal.info_der);
    if (step.outcome != Outcome::failed) return;
    const StepResult other = verified(*value, *out_.maker, wide ? seal.info_der : seal.wide_der);
    if (other.outcome != Outcome::passed) return;
    step = other;
    out_.deviations.add(wide ? Deviation::seal_signature_narrow : Deviation::seal_signature_wide);
  }

  void maker_certificate() {
    StepResult& step = out_.at(Step::maker_certificate);
    if (!out_.maker) {
      step = failed("the maker's certificate cannot be read");
      return;
    }
    out_.maker_path = pki::validate_path(*out_.maker, check_.trust, path_options(), algorithms_);
    step = of_path(*out_.maker_path);
  }

  void seal_period(const Seal& seal, std::optional<base::Time> claimed) {
    StepResult& step = out_.at(Step::seal_period);
    const std::string period =
        base::to_rfc3339(seal.info.valid_from) + " to " + base::to_rfc3339(seal.info.valid_until);
    const base::Time signed_at =
        out_.proved_time ? *out_.proved_time : claimed.value_or(check_.now);
    if (!seal.info.is_valid_at(signed_at))
      step = failed("sealed at " + base::to_rfc3339(signed_at) + ", in force " + period);
    else if (!seal.info.is_valid_at(reference()))
      step = unproved("in force " + period + "; nothing proves that it was sealed then");
    else
      step = passed();
  }

  void seal_status(const Seal& seal) {
    if (!check_.status_list) return;
    const SealStatusList& list = *check_.status_list;
    StepResult& step = out_.at(Step::seal_status);
    if (const auto good = verify_status_list(list, seal, algorithms_); !good) {
      step = unproved(base::to_line(good.error()));
      return;
    }
    if (list.this_update > check_.now + check_.clock_skew) {
      step = unproved("the list of withdrawn seals is from the future");
      return;
    }
    const SealStatusEntry* entry = find_status(list, seal.info.id);
    if (entry && entry->since <= reference())
      step = failed("the seal was withdrawn on " + base::to_rfc3339(entry->since));
    else if (list.next_update < reference())
      step = unproved("the list of withdrawn seals ended before the time in question");
    else
      step = passed();
  }

  void picture(const Seal& seal) {
    const base::Status whole = check_picture(seal.info.picture);
    StepResult& step = out_.at(Step::picture);
    step = result_of(whole);
    if (!whole && whole.error().code == base::Code::unsupported)
      step = unproved(base::to_line(whole.error()));
  }

  static std::int64_t due_version(Layout layout) {
    return layout == Layout::v1 ? 1 : layout == Layout::v4 ? 4 : 5;
  }

  // seal_version: what the header says is how the seal is built. Version 1 is numbered freely below
  // 4.
  void seal_version(const Seal& seal) {
    const std::int64_t stated = seal.info.version;
    const bool fits =
        seal.layout == Layout::v1 ? stated >= 1 && stated < 4 : stated == due_version(seal.layout);
    out_.at(Step::versions) = fits ? passed()
                                   : failed("a seal built as " + std::string(name_of(seal.layout)) +
                                            " states version " + std::to_string(stated));
  }

  void versions(const SealedSignature& sealed) {
    StepResult& step = out_.at(Step::versions);
    const bool first = sealed.layout == Layout::v1;
    if (step.outcome != Outcome::passed) return;
    if (first != (sealed.seal.layout == Layout::v1))
      step = failed("seal and signature are built after different versions");
    else if (first ? sealed.version < 1 || sealed.version >= 4
                   : sealed.version != sealed.seal.info.version)
      step = failed("the signature states version " + std::to_string(sealed.version) +
                    ", its seal " + std::to_string(sealed.seal.info.version));
  }

  const SealCheck& check_;
  const pki::Algorithms& algorithms_;
  std::vector<x509::Certificate> chain_;
  SealJudgement out_;
};

}  // namespace

SealJudgement verify_sealed_signature(const SealedSignature& sealed, const pki::Content& data,
                                      const SealCheck& check, const pki::Algorithms& algorithms) {
  Judge judge(check, algorithms);
  judge.take_chain(sealed.extensions);
  judge.take_chain(sealed.seal.info.extensions);
  judge.sealed(sealed, data);
  return judge.take();
}

SealJudgement verify_seal(const Seal& seal, const SealCheck& check,
                          const pki::Algorithms& algorithms) {
  Judge judge(check, algorithms);
  judge.take_chain(seal.info.extensions);
  judge.seal(seal, std::nullopt);
  return judge.take();
}

}  // namespace heqi::documents::seal
