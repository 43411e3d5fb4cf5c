// Apart from the module, as run_command.cc says.
#include <heqi/device/module.h>

#include "der.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kFindingsMax = 16, kFindingSizeMax = 256;

Result<Factors> read_factors(asn1::Reader& in) {
  HEQI_TRY(const std::int64_t set, in.small_integer());
  constexpr std::int64_t all = 1 | 2 | 4 | 8;
  if ((set & ~all) != 0 || (set & 1) == 0) return der::at(in, Code::malformed, "factors");
  return static_cast<Factors>(set);
}

}  // namespace

base::Bytes encode_module_status(const ModuleStatus& status) {
  return der::message([&](asn1::Writer& w) {
    w.utf8_string(status.version).enumerated(static_cast<std::int64_t>(status.state));
    w.boolean(status.approved_mode).utf8_string(status.failure);
    w.sequence([&](asn1::Writer& list) {
      for (const std::string& finding : status.environment) list.utf8_string(finding);
    });
    w.integer(status.factors).integer(status.next_factors);
  });
}

Result<ModuleStatus> parse_module_status(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, 64 * 1024));
  ModuleStatus status;
  HEQI_TRY(status.version, der::read_text(in, 64));
  HEQI_TRY(const std::int64_t state, in.enumerated());
  if (state < 1 || state > static_cast<std::int64_t>(kLifeStates))
    return der::at(in, Code::malformed, "an unknown state");
  status.state = static_cast<LifeState>(state);
  HEQI_TRY(status.approved_mode, in.boolean());
  HEQI_TRY(status.failure, in.utf8_string());
  HEQI_TRY(asn1::Reader list, in.sequence());
  while (!list.at_end()) {
    if (status.environment.size() == kFindingsMax)
      return der::at(list, Code::limit_exceeded, "more findings than there are");
    HEQI_TRY(std::string finding, der::read_text(list, kFindingSizeMax));
    status.environment.push_back(std::move(finding));
  }
  HEQI_TRY(status.factors, read_factors(in));
  HEQI_TRY(status.next_factors, read_factors(in));
  HEQI_TRY(in.finish());
  return status;
}

}  // namespace heqi::device
