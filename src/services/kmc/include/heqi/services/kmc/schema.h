// heqi/services/kmc/schema.h: the tables of the key management centre.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::kmc {

const sql::Component& schema();  // the component "kmc"

}  // namespace heqi::services::kmc
