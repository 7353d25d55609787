/// A *planted fault*: a rule of the core left out, to check that simulated worlds notice (`make mutants`).
///
/// Only a build with `PROPAGA_MUTANTS` can leave one out; in others `isPlanted` is a constant.
package enum PlantedFault: String, CaseIterable, Sendable {
    // Levels
    case levelsWithoutOneMoreLook, rememberedLevelsClaimed, regressionsIgnored, settleIgnored
    case decommissionAfterADay, resolversDoNotMatter, quorumNotHeard
    // Resolvers
    case oneSampleConfirms, oldCopiesForgotten, negativeCopiesForgotten, aliasesForgotten
    // Authoritative servers
    case oneServerSpeaksForAll, hearsayIgnored, silentServersDoNotBlock, silentServersServeNothing
    case silentServersWaitedForBriefly, notPolledAfterPublication, searchedOnlyOnce
    case notWitnessed, frontEndsIgnored, glueNotAsked, parentsThatAreBehindIgnored, lateServersTrusted
    case formerAddressesForgotten, formerNamesForgotten, earlierServersForgotten
    // The bound
    case unseenPastIgnored, endedServingForgotten, lastTTLInsteadOfLongest, skippedSerialsIgnored
    case longGapsTakenForShort, changedServersWordIgnored, wordCoversSecondPublication
    case refutedTTLStands, refutedPublicationStands, laterFetchesIgnored
    // What is taken for granted
    case rollbacksNotMentioned, silentServersNotMentioned, changedServersNotMentioned

    #if PROPAGA_MUTANTS
        /// The one left out in this process.
        package nonisolated(unsafe) static var planted: PlantedFault?
        var isPlanted: Bool { Self.planted == self }
    #else
        var isPlanted: Bool { false }
    #endif
}
