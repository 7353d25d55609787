/// The texts that all recipes share.
extension Forwarding {
    func title(_ kind: ForwardingKind) -> String {
        kind.forwardsConnections
            ? "Forward every SMTP connection to \(exchange) with \(kind.rawValue)"
            : "Forward mail for \(domainsText) to \(exchange) with \(kind.rawValue)"
    }

    private var domainsText: String {
        domains.count == 1 ? domains[0] : "\(domains[0]) and \(domains.count - 1) more"
    }

    /// The paragraphs before a mail server's recipe; `recipients` says what happens to unknown recipients.
    func mailIntroduction(recipients: String) -> [String] {
        [
            "This server still accepts mail for \(domains.count == 1 ? domains[0] : "the domains below") and sends"
                + " each message on to \(exchange)."
                + " Nothing new arrives in its own mailboxes for that. Its other domains stay as they are.",
            whenToSetUp, whenToTakeAway,
            "Leave the spam filter on, and ask the new provider to expect forwarded mail from this server. All of this"
                + " mail comes from this server's address: the new server cannot check SPF for it (DKIM signatures"
                + " stay valid), and spam that this server lets through counts against its address.",
            recipients,
        ]
    }

    /// The paragraphs before a recipe that forwards connections; `own` says how the server's own mail still
    /// leaves it.
    func connectionIntroduction(own: String) -> [String] {
        [
            "Everybody who connects to port 25 of this server will talk to \(exchange). Use this only for a server"
                + " of which every domain moves: the new server refuses mail for any other domain.",
            whenToSetUp, whenToTakeAway,
            "Before you begin, ask the new provider to accept mail for its own domains from this server's address,"
                + " and never to let that address relay: everybody who connects here could relay then. If it cannot do"
                + " that, forward the mail instead (postfix, exim, sendmail, opensmtpd). The new server sees this"
                + " server's address on every connection, and not the sender's: SPF checks fail, and greylisting, block"
                + " lists and limits for one address apply to all senders together.",
            "Before you begin, remove TLSA records of the old exchange, and any MTA-STS policy that names it."
                + " STARTTLS will show the new server's certificate under the old exchange's name, and senders that"
                + " check those would hold their mail back. People who send through port 25 with a password must use"
                + " 587 or 465.",
            own,
        ]
    }

    private var whenToSetUp: String {
        "Set it up when the mailboxes exist at the new provider and the new MX is published"
            + " (`propaga watch --until published\(watchOptions) \(firstDomain)`), not before."
    }

    private var whenToTakeAway: String {
        "Take it away when nobody sends mail here any more"
            + " (`propaga watch --until decommission\(watchOptions) \(firstDomain)`). Then have the domain deleted here:"
            + " otherwise mail to it from the other users of this server stays on this server."
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
