package com.example

import io.github.spotspec.infra.SpotService
import software.amazon.awscdk.App
import software.amazon.awscdk.CfnOutput
import software.amazon.awscdk.Stack
import software.amazon.awscdk.services.iam.Role

/** The minimal example in Kotlin. Every JVM language can use the construct. */
fun main() {
    val app = App()
    val stack = Stack(app, "InKotlin")
    val spot = SpotService(stack, "Spot")
    spot.grantInvoke(Role.fromRoleName(stack, "Developers", "developers"))
    CfnOutput.Builder.create(stack, "SpotUrl").value(spot.url).build()
    spot.operator.ifPresent { CfnOutput.Builder.create(stack, "Operator").value(it.userName).build() }
    spot.mfaSerialNumber.ifPresent { CfnOutput.Builder.create(stack, "MfaSerialNumber").value(it).build() }
    app.synth()
}
