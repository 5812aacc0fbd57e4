/** What replaces native code of AWS's runtime client. */
@NullMarked
package com.amazonaws.services.lambda.crac;

import org.jspecify.annotations.NullMarked;
