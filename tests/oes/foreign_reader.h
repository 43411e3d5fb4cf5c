/* foreign_reader.h: what a reader of somebody else's does with a seal component: it loads a library
 * and looks for functions by name, whose shapes it has written down for itself. It does not know
 * heqi_oes.h. */
#ifndef FOREIGN_READER_H
#define FOREIGN_READER_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reader reader;
typedef struct piece {
  unsigned char* octets; /* reader_free gives it back */
  int size;
} piece;

/* NULL where the library or one of the functions is not there. */
reader* reader_load(const char* library);
void reader_close(reader* reader);
void reader_free(piece* piece);

/* Each asks twice, for the length and for the answer, and gives what the function gave. */
unsigned long reader_provider(reader*, piece* name, piece* version);
unsigned long reader_seals(reader*, piece* list);
unsigned long reader_seal(reader*, piece id, piece* seal);
/* reader_seal_facts: id, version, vendor, type, name, signers, from, until, made on, maker, method
 */
enum { READER_FACTS = 11 };
unsigned long reader_seal_facts(reader*, piece seal, piece facts[READER_FACTS]);
unsigned long reader_seal_image(reader*, piece seal, piece* image, int* width, int* height);
unsigned long reader_sign_image(reader*, piece value, piece* image, int* width, int* height);
unsigned long reader_time(reader*, piece* time);
unsigned long reader_methods(reader*, piece* sign_method, piece* digest_method);
unsigned long reader_digest(reader*, piece data, piece method, piece* digest);
unsigned long reader_sign(reader*, piece id, piece property, piece digest, piece method, piece time,
                          piece* value);
unsigned long reader_verify(reader*, piece seal, piece property, piece digest, piece method,
                            piece time, piece value);
void reader_words(reader*, unsigned long code, piece* words);

#ifdef __cplusplus
}
#endif

#endif
