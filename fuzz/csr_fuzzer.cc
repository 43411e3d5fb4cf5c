// Certification requests, and what stands in their extensions.
// uses: heqi_x509
#include <heqi/x509/biometric_info.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::x509;
  const heqi::base::ByteView input(data, size);
  static_cast<void>(parse_biometric_info(input));
  const auto csr = parse_csr(input);
  if (!csr) return 0;
  static_cast<void>(verify_possession(*csr));
  if (const Extension* names =
          find_extension(csr->body.extensions, oids::subject_alternative_name()))
    static_cast<void>(parse_alternative_names(names->value));
  // What was read can be written, and reads the same again.
  const auto again = parse_csr_body(encode_csr_body(csr->body));
  HEQI_CHECK(again && again->subject == csr->body.subject &&
             again->public_key == csr->body.public_key &&
             again->extensions.size() == csr->body.extensions.size());
  return 0;
}
