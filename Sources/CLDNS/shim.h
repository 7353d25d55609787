// Without stdbool.h first, ldns defines `bool` as `signed char`: its flags would import as Int8,
// and calls that take them would have the wrong ABI.
#include <stdbool.h>
#include <ldns/ldns.h>
