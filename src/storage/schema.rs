//! The tables as diesel sees them; one file for both backends, held against both databases by `tests/it/storage`.

diesel::table! {
    store_identity (id) {
        id -> BigInt,
        store_id -> Text,
        purpose -> Text,
    }
}

diesel::table! {
    agencies (id) {
        id -> BigInt,
        code -> Nullable<Text>,
        name -> Text,
        created_at -> BigInt,
        name_key -> Text,
    }
}

diesel::table! {
    registrars (id) {
        id -> BigInt,
        certificate_number -> Text,
        name -> Text,
        agency_id -> BigInt,
        issued_on -> Date,
        valid_until -> Nullable<Date>,
        last_training_on -> Nullable<Date>,
        suspended_from -> Nullable<Date>,
        suspended_until -> Nullable<Date>,
        search_text -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        password_hash -> Text,
        roles -> Text,
        agency_id -> Nullable<BigInt>,
        registrar_id -> Nullable<BigInt>,
        created_at -> BigInt,
        password_changed_at -> BigInt,
        full_name -> Nullable<Text>,
        email -> Nullable<Text>,
        employer -> Nullable<Text>,
        employer_uscc -> Nullable<Text>,
        locked_at -> Nullable<BigInt>,
        version -> BigInt,
        must_change_password -> BigInt,
        first_password_since -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        address -> Nullable<Text>,
        client -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Text,
        session_id -> Text,
        issued_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    page_sessions (hash) {
        hash -> Text,
        session_id -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    login_failures (subject) {
        subject -> Text,
        failures -> BigInt,
        window_started_at -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    login_networks (user_id, network) {
        user_id -> BigInt,
        network -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        version -> BigInt,
        revision -> BigInt,
        state -> Text,
        registration_number -> Nullable<Text>,
        national_number -> Nullable<Text>,
        agency_id -> Nullable<BigInt>,
        registrar_certificate -> Nullable<Text>,
        rule_set -> Nullable<Text>,
        entered_by -> Nullable<Text>,
        submitted_by -> Nullable<Text>,
        claimed_by -> Nullable<Text>,
        confirmed_by -> Nullable<Text>,
        created_at -> BigInt,
        submitted_at -> Nullable<BigInt>,
        due_on -> Nullable<Date>,
        confirmed_at -> Nullable<BigInt>,
        confirmed_year -> Nullable<Integer>,
        expert_concluded_at -> Nullable<BigInt>,
        returned -> Nullable<Text>,
        refusal -> Nullable<Text>,
        ended -> Nullable<Text>,
        #[sql_name = "type"]
        contract_type -> Nullable<Text>,
        unit -> Nullable<Text>,
        field -> Nullable<Text>,
        amount_fen -> Nullable<BigInt>,
        search_text -> Text,
        row_digest -> Text,
        claimed_at -> Nullable<BigInt>,
        expert_conclusion -> Nullable<Text>,
        open_change_request -> Nullable<BigInt>,
        contested_national_number -> Nullable<Text>,
    }
}

diesel::table! {
    contract_revisions (contract_id, revision) {
        contract_id -> BigInt,
        revision -> BigInt,
        recorded_at -> BigInt,
        recorded_by -> Text,
        content -> Text,
    }
}

diesel::table! {
    standings (id) {
        id -> BigInt,
        contract_id -> BigInt,
        revision -> BigInt,
        from_at -> BigInt,
        until_at -> Nullable<BigInt>,
        first_confirmed_at -> BigInt,
        year -> Integer,
        amount_fen -> BigInt,
        technology_amount_fen -> Nullable<BigInt>,
        unit -> Nullable<Text>,
        #[sql_name = "type"]
        contract_type -> Nullable<Text>,
        plan_source -> Nullable<Text>,
        seller_kind -> Nullable<Text>,
        field -> Nullable<Text>,
        flow -> Text,
        cross_border -> Nullable<Text>,
    }
}

diesel::table! {
    endings (id) {
        id -> BigInt,
        contract_id -> BigInt,
        ended_at -> BigInt,
        state -> Text,
        ground -> Nullable<Text>,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    number_sequences (agency_code, year) {
        agency_code -> Text,
        year -> Integer,
        last -> BigInt,
    }
}

diesel::table! {
    follow_ups (registration_number, survey_year) {
        registration_number -> Text,
        survey_year -> Integer,
        content -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        kind -> Text,
        held_on -> Date,
        name -> Text,
        unit -> Text,
        occurrence -> BigInt,
        content -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    reference_figures (kind, year) {
        kind -> Text,
        year -> Integer,
        fen -> BigInt,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (username, key) {
        username -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Integer,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    checkpoint_rounds (made_at) {
        made_at -> BigInt,
    }
}

diesel::table! {
    clock_marks (boot) {
        boot -> Text,
        seen_at -> BigInt,
        uptime -> BigInt,
    }
}

diesel::table! {
    ledger (sequence) {
        sequence -> BigInt,
        entry -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    register_pins (id) {
        id -> BigInt,
        kind -> Text,
        first_number -> Nullable<BigInt>,
        last_number -> Nullable<BigInt>,
        digests -> Text,
    }
}

diesel::table! {
    ledger_subjects (sequence) {
        sequence -> BigInt,
        contract_id -> BigInt,
    }
}

diesel::table! {
    password_history (id) {
        id -> BigInt,
        user_id -> BigInt,
        password_hash -> Text,
    }
}

diesel::table! {
    expert_reviews (id) {
        id -> BigInt,
        title -> Text,
        held_on -> Date,
        chair -> Text,
        convened_by -> Text,
        state -> Text,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    account_ledger (sequence) {
        sequence -> BigInt,
        entry -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    expert_review_members (expert_review_id, username) {
        expert_review_id -> BigInt,
        username -> Text,
        added_at -> BigInt,
        recusal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    expert_review_contracts (expert_review_id, contract_id) {
        expert_review_id -> BigInt,
        contract_id -> BigInt,
        state -> Text,
        rule_set -> Text,
        added_at -> BigInt,
        entitled -> Nullable<BigInt>,
        votes -> Nullable<BigInt>,
        conclusion -> Nullable<Text>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    expert_recusals (id) {
        id -> BigInt,
        expert_review_id -> BigInt,
        contract_id -> BigInt,
        username -> Text,
        kind -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    expert_review_rounds (expert_review_id, contract_id, round) {
        expert_review_id -> BigInt,
        contract_id -> BigInt,
        round -> BigInt,
        opened_at -> BigInt,
        opened_by -> Text,
        closed_at -> Nullable<BigInt>,
        closed_by -> Nullable<Text>,
        entitled -> Nullable<BigInt>,
        votes -> Nullable<BigInt>,
    }
}

diesel::table! {
    expert_opinions (id) {
        id -> BigInt,
        expert_review_id -> BigInt,
        contract_id -> BigInt,
        username -> Text,
        vote -> Text,
        contract_type -> Nullable<Text>,
        subtype -> Nullable<Text>,
        technology_amount_fen -> Nullable<BigInt>,
        text -> Text,
        given_at -> BigInt,
        salt -> Text,
        digest -> Text,
        round -> BigInt,
    }
}

diesel::table! {
    registration_certificates (id) {
        id -> BigInt,
        contract_id -> BigInt,
        revision -> BigInt,
        code -> Text,
        issued_at -> BigInt,
        issued_by -> Text,
        sheet -> Nullable<Text>,
    }
}

diesel::table! {
    change_requests (id) {
        id -> BigInt,
        contract_id -> BigInt,
        kind -> Text,
        state -> Text,
        changes -> Nullable<Text>,
        content -> Nullable<Text>,
        ground -> Nullable<Text>,
        reason -> Text,
        attachments -> Text,
        base_version -> BigInt,
        base_revision -> BigInt,
        requested_by -> Text,
        requested_at -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        decision_reason -> Nullable<Text>,
        document_number -> Nullable<Text>,
    }
}

diesel::table! {
    reinstatements (id) {
        id -> BigInt,
        contract_id -> BigInt,
        reinstated_at -> BigInt,
        from_state -> Text,
        ended_at -> BigInt,
        reason -> Text,
        document_number -> Text,
    }
}

diesel::table! {
    national_reports (id) {
        id -> BigInt,
        contract_id -> BigInt,
        national_number -> Text,
        reported_on -> Date,
        recorded_at -> BigInt,
        recorded_by -> Text,
    }
}

diesel::table! {
    attachments (id) {
        id -> BigInt,
        contract_id -> BigInt,
        kind -> Text,
        file_name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        added_by -> Text,
        added_at -> BigInt,
    }
}

diesel::table! {
    registrar_periods (id) {
        id -> BigInt,
        registrar_id -> BigInt,
        from_on -> Date,
        until_on -> Nullable<Date>,
    }
}

diesel::table! {
    registrar_suspensions (id) {
        id -> BigInt,
        registrar_id -> BigInt,
        from_on -> Date,
        until_on -> Nullable<Date>,
        reason -> Text,
        suspended_at -> BigInt,
        suspended_by -> Text,
        lifted_at -> Nullable<BigInt>,
        lifted_by -> Nullable<Text>,
        lift_reason -> Nullable<Text>,
    }
}

diesel::table! {
    registrar_reminders (registrar_id, valid_until, days) {
        registrar_id -> BigInt,
        valid_until -> Date,
        days -> BigInt,
        reminded_on -> Date,
    }
}

diesel::table! {
    trainings (id) {
        id -> BigInt,
        kind -> Text,
        title -> Text,
        held_on -> Date,
        minutes -> BigInt,
        place -> Nullable<Text>,
        organiser -> Nullable<Text>,
        recorded_at -> BigInt,
        recorded_by -> Text,
    }
}

diesel::table! {
    training_participants (id) {
        id -> BigInt,
        training_id -> BigInt,
        registrar_id -> Nullable<BigInt>,
        name -> Text,
        agency_id -> BigInt,
        minutes -> BigInt,
        score -> Nullable<BigInt>,
        passed -> Nullable<BigInt>,
    }
}

diesel::table! {
    deadline_notices (contract_id, due_on, days) {
        contract_id -> BigInt,
        due_on -> Date,
        days -> BigInt,
        noticed_on -> Date,
        claimer -> Nullable<Text>,
    }
}

diesel::table! {
    contract_likeness (contract_id) {
        contract_id -> BigInt,
        name -> Text,
        sketch -> BigInt,
        seller_key -> BigInt,
        buyer_key -> BigInt,
        pair_key -> BigInt,
        signed_on -> Date,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        username -> Text,
        kind -> Text,
        subject -> Text,
        body -> Text,
        contract_id -> Nullable<BigInt>,
        dedup -> Text,
        created_at -> BigInt,
        read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        message_id -> BigInt,
        address -> Text,
        header_id -> Text,
        state -> Text,
        attempts -> BigInt,
        due_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        sent_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    self_audits (id) {
        id -> BigInt,
        title -> Text,
        year -> Integer,
        state -> Text,
        filter -> Text,
        design -> Text,
        strata -> Text,
        population_digest -> Text,
        sample_digest -> Text,
        auditors -> Text,
        created_by -> Text,
        created_at -> BigInt,
        drawn_at -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        ending -> Nullable<Text>,
    }
}
diesel::table! {
    self_audit_items (id) {
        id -> BigInt,
        self_audit_id -> BigInt,
        contract_id -> BigInt,
        revision -> BigInt,
        amount_fen -> BigInt,
        stratum -> BigInt,
        assigned_to -> Nullable<Text>,
        state -> Text,
        outcome -> Nullable<Text>,
    }
}
diesel::table! {
    self_audit_findings (id) {
        id -> BigInt,
        self_audit_id -> BigInt,
        item_id -> BigInt,
        verdict -> Text,
        ground -> Nullable<Text>,
        note -> Nullable<Text>,
        document_number -> Nullable<Text>,
        served_on -> Nullable<Date>,
        found_by -> Text,
        found_at -> BigInt,
    }
}
diesel::table! {
    editions (id) {
        id -> BigInt,
        year -> Integer,
        edition -> BigInt,
        closed_at -> BigInt,
        closed_by -> Text,
        note -> Nullable<Text>,
        overrides -> Text,
        checklist -> Text,
        ledger_sequence -> BigInt,
        ledger_hash -> Text,
        figures -> Text,
        figures_hash -> Text,
        report -> Text,
        contracts -> BigInt,
        contracts_hash -> Text,
        events -> Text,
    }
}

diesel::table! {
    edition_contracts (id) {
        id -> BigInt,
        edition_id -> BigInt,
        year -> Integer,
        first_contract_id -> BigInt,
        contracts -> Text,
    }
}

diesel::table! {
    returns (id) {
        id -> BigInt,
        contract_id -> BigInt,
        returned_at -> BigInt,
    }
}

diesel::table! {
    report_paragraphs (id) {
        id -> BigInt,
        year -> Integer,
        chapter -> Text,
        position -> BigInt,
        body -> Text,
        created_at -> BigInt,
        created_by -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    import_jobs (id) {
        id -> BigInt,
        kind -> Text,
        file_name -> Text,
        sha256 -> Text,
        file_kept -> BigInt,
        username -> Text,
        role -> Text,
        dry_run -> BigInt,
        corrects -> BigInt,
        state -> Text,
        rows_total -> Nullable<BigInt>,
        rows_done -> BigInt,
        added -> BigInt,
        unchanged -> BigInt,
        updated -> BigInt,
        flagged -> BigInt,
        errors -> Text,
        errors_total -> BigInt,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        version -> BigInt,
        reason -> Nullable<Text>,
        to_approve -> BigInt,
        concealed -> Text,
        digest -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        decision_reason -> Nullable<Text>,
        notices -> Text,
    }
}

diesel::table! {
    import_differences (import_id, position) {
        import_id -> BigInt,
        position -> BigInt,
        contract_id -> BigInt,
        difference -> Text,
    }
}
