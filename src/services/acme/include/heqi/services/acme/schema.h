// heqi/services/acme/schema.h: the tables of the ACME server.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::acme {

const sql::Component& schema();  // the component "acme"

}  // namespace heqi::services::acme
