file: src/documents/verify/coverage.cc
find: if (range->gap_begin != contents.begin || range->gap_end != contents.end) {
replace: if (range->gap_begin > contents.begin || range->gap_end < contents.end) {
target: heqi_documents_verify_tests
