// certificate_news.h: what a person is told when a revocation or an update is over.
#pragma once
#include <heqi/flow/flow.h>
#include <heqi/services/mss/revocations.h>
#include <heqi/x509/certificate.h>

namespace heqi::services::mss {

// news_of_end is of `done` where the flow ended so, else of `otherwise`, with the reason.
inline base::Result<CertificateNews> news_of_end(const flow::Flow& flow,
                                                 const std::string& person_id,
                                                 base::ByteView certificate_der,
                                                 CertificateNews::Kind done,
                                                 CertificateNews::Kind otherwise) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(certificate_der));
  const bool is_done = flow.ending->outcome == flow::Outcome::done;
  std::string reason = flow.ending->code;
  if (reason.empty()) reason = flow::to_text(flow.ending->outcome);
  return CertificateNews{.kind = is_done ? done : otherwise,
                         .flow = flow.id,
                         .person_id = person_id,
                         .subject = certificate.subject().text(),
                         .by = {},
                         .reason = is_done ? std::string() : reason,
                         .until = {}};
}

}  // namespace heqi::services::mss
