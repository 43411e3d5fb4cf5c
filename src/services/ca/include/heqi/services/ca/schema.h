// heqi/services/ca/schema.h: the tables of the certificate authority.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::ca {

const sql::Component& schema();  // the component "ca"

}  // namespace heqi::services::ca
