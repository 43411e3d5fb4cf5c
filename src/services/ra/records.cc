#include "records.h"

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::services::ra {
namespace {

// Names are kept in one column, a line each.
std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += name + "\n";
  return out;
}

std::vector<std::string> separated(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.empty()) names.emplace_back(line);
  return names;
}

}  // namespace

base::Result<bool> add_application(sql::Transaction& tx, const Application& application,
                                   std::string_view state, base::Time now) {
  HEQI_TRY(
      const std::int64_t added,
      tx.execute("INSERT INTO ra_applications (id, applicant, holder, profile, subject, names, "
                 "state, submitted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                 "ON CONFLICT (id) DO NOTHING",
                 application.id, application.applicant, application.holder, application.profile,
                 application.subject, joined(application.names), state, now));
  if (added == 0) return false;
  std::int64_t position = 0;
  for (const Evidence& one : application.evidence) {
    HEQI_TRY(
        tx.execute("INSERT INTO ra_evidence (application, position, kind, digest) "
                   "VALUES (?1, ?2, ?3, ?4)",
                   application.id, position++, one.kind, one.digest));
  }
  return true;
}

base::Result<Application> read_application(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT applicant, holder, profile, subject, names FROM ra_applications "
                      "WHERE id = ?1",
                      id));
  Application out{.id = id,
                  .applicant = row.text(0),
                  .holder = row.text(1),
                  .profile = row.text(2),
                  .subject = row.bytes(3),
                  .names = separated(row.text(4)),
                  .evidence = {}};
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT kind, digest FROM ra_evidence WHERE application = ?1 ORDER BY position",
                    id));
  for (const sql::Row& one : rows) out.evidence.push_back({one.text(0), one.bytes(1)});
  return out;
}

bool same_application(const Application& a, const Application& b) {
  const auto same_evidence = [](const Evidence& x, const Evidence& y) {
    return x.kind == y.kind && x.digest == y.digest;
  };
  return a.applicant == b.applicant && a.holder == b.holder && a.profile == b.profile &&
         a.subject == b.subject && a.names == b.names &&
         std::equal(a.evidence.begin(), a.evidence.end(), b.evidence.begin(), b.evidence.end(),
                    same_evidence);
}

}  // namespace heqi::services::ra
