#include "platform_schema.h"

#include <heqi/flow/flow.h>
#include <heqi/services/acme/schema.h>
#include <heqi/services/ca/schema.h>
#include <heqi/services/contract/schema.h>
#include <heqi/services/identity/schema.h>
#include <heqi/services/kmc/schema.h>
#include <heqi/services/mobile/schema.h>
#include <heqi/services/mss/schema.h>
#include <heqi/services/notify/notifier.h>
#include <heqi/services/ra/schema.h>
#include <heqi/sql/migrations.h>

namespace heqi::program {

base::Status apply_platform_schema(sql::Database& database, const base::Clock& clock) {
  const sql::Component components[] = {
      flow::schema(),
      services::identity::schema(),
      services::notify::schema(),
      services::ca::schema(),
      services::mss::schema(),
      services::contract::schema(),
      services::ra::schema(),
      services::kmc::schema(),
      services::acme::schema(),
      services::mobile::schema(),
  };
  return sql::apply_migrations(database, components, clock);
}

}  // namespace heqi::program
