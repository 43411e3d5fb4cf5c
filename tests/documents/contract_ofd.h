// Lays the contracts of examples/ out as OFD, with the fonts of whoever reads it.
#pragma once
#include <heqi/documents/ofd/make.h>

#include "contract_pdf.h"

namespace heqi::documents {

// write_contract_ofd makes A4 pages with the same text as write_contract.
base::Result<base::Bytes> write_contract_ofd(const Contract& contract);

}  // namespace heqi::documents
