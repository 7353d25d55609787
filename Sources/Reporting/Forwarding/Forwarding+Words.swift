/// What all recipes have to say.
extension Forwarding {
    func title(_ kind: ForwardingKind) -> String {
        kind.forwardsConnections
            ? "Forward every SMTP connection to \(exchange) with \(kind.rawValue)"
            : "Forward mail for \(domainsText) to \(exchange) with \(kind.rawValue)"
    }

    private var domainsText: String {
        domains.count == 1 ? domains[0] : "\(domains[0]) and \(domains.count - 1) more"
    }

    /// The paragraphs before a mail server's recipe; `recipients` says what becomes of unknown recipients.
    func mailIntroduction(recipients: String) -> [String] {
        [
            "This server goes on accepting mail for \(domains.count == 1 ? domains[0] : "the domains below") and hands"
                + " each message to \(exchange)."
                + " Nothing new arrives in its own mailboxes for that. Its other domains stay as they are.",
            whenToSetUp, whenToTakeAway,
            "The new server sees all of this mail come from this server's address. It cannot check SPF for it"
                + " (DKIM signatures last), and spam that is let through here counts against this address: leave"
                + " the spam filter on, and ask the new provider to expect forwarded mail from it.",
            recipients,
        ]
    }

    /// The paragraphs before a recipe that passes connections on; `own` says how the server's own mail
    /// goes on leaving it.
    func connectionIntroduction(own: String) -> [String] {
        [
            "Whatever connects to port 25 of this server talks to \(exchange) from then on. This is for a server"
                + " of which every domain moves: mail for any other domain is refused by the new server.",
            whenToSetUp, whenToTakeAway,
            "The new server sees every connection come from this server's address, and no longer the sender's."
                + " SPF, greylisting, block lists and limits by address are judged by this one: SPF checks fail,"
                + " and a limit for one address holds for all. Ask the new provider to accept mail for its own"
                + " domains from this server's address before you begin, and never to let that address relay: whoever"
                + " connects here would; where it cannot, forward the mail instead (postfix, exim, sendmail, opensmtpd).",
            "STARTTLS now shows the new server's certificate under the old exchange's name. Remove TLSA records"
                + " of the old exchange, and an MTA-STS policy that names it, beforehand: senders that check them"
                + " would keep their mail back. Whoever sends through port 25 with a password must use 587 or 465.",
            own,
        ]
    }

    private var whenToSetUp: String {
        "Set it up when the mailboxes exist at the new provider and the new MX is published"
            + " (`propaga watch --until published\(watchOptions) \(firstDomain)`), not before."
    }

    private var whenToTakeAway: String {
        "Take it away when nobody sends mail here any more"
            + " (`propaga watch --until decommission\(watchOptions) \(firstDomain)`), and have the domain deleted here then:"
            + " a server that still believes the domain to be its own keeps its other users' mail to it."
    }

    /// A message that shows where mail goes; every mail server has this command.
    var trialMessage: ForwardingStep {
        ForwardingStep(
            .verify,
            "Send a message. It must arrive in the mailbox at the new provider, and the log must name \(exchange):",
            [#"printf 'Subject: forwarded\n\nDoes this arrive?\n' | sendmail postmaster@\#(firstDomain)"#])
    }

    /// The banner of whoever answers.
    func trialConnection(to server: String) -> ForwardingStep {
        ForwardingStep(
            .verify,
            "From another machine, look who answers. It must be the new server's name, and a message to"
                + " postmaster@\(firstDomain) must arrive in the mailbox there:",
            ["bash -c 'exec 3<>/dev/tcp/\(server)/25 && timeout 20 head -n 1 <&3'"])
    }

    /// What the undo ends with.
    func afterwards(_ text: String) -> ForwardingStep {
        ForwardingStep(
            .verify,
            "If you take it away because the move is over, delete the domain here. If you go back to the old MX,"
                + " \(text)")
    }
}
