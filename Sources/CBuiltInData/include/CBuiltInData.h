// The data that come with the package, as bytes in the program itself.
//
// Not a resource bundle: a bundle is found beside the executable or where it was built, and a copied
// or installed program would lose it. C, because clang embeds a file without parsing its bytes.
#ifndef LANDBRIDGE_CBUILTINDATA_H
#define LANDBRIDGE_CBUILTINDATA_H

#include <stddef.h>

typedef struct {
  const void *start;
  size_t count;
} lb_bytes;

lb_bytes lb_digits(void);             // digits.csv.gz
lb_bytes lb_cifar10_vgg_train(void);  // cifar10-vgg-train.npz
lb_bytes lb_cifar10_vgg_test(void);   // cifar10-vgg-test.npz

#endif
